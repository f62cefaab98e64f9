//! Access events: what is kept of a report, and whether an act was covered when it took place.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access_event::{CLOCK_SKEW, Coverage, Life, Sent, Unacceptable, coverage, unused_days};
use domain::form::query::AccessQuery;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn life<'a>(
    scopes: &'a [String],
    revoked_at: Option<DateTime<Utc>>,
    stopped: &'a [(DateTime<Utc>, Option<DateTime<Utc>>)],
) -> Option<Life<'a>> {
    Some(Life {
        made_at: at(0),
        revoked_at,
        stopped,
        scopes,
    })
}

#[test]
fn a_scope_covers_its_own_action_on_its_own_resource_and_nothing_else() {
    let scopes = ["orders:read".to_owned(), "orders.eu:write".to_owned()];
    for (resource, action, expected) in [
        ("orders", "read", Coverage::Covered),
        ("orders.eu", "write", Coverage::Covered),
        ("orders", "write", Coverage::OutOfScope),
        ("orders", "rea", Coverage::OutOfScope),
        ("orders", "*", Coverage::OutOfScope),
        ("order", "s:read", Coverage::OutOfScope),
        ("", "", Coverage::OutOfScope),
    ] {
        let found = coverage(life(&scopes, None, &[]), (resource, action), at(1));
        assert_eq!(found, expected, "{resource}:{action}");
    }
    let nobody = coverage(None, ("orders", "read"), at(1));
    assert_eq!(nobody, Coverage::UnknownIdentity);
}

#[test]
fn an_identity_is_in_force_from_its_making_until_its_last_token_ran_out() {
    let scopes = ["orders:read".to_owned()];
    let stopped = [(at(100), Some(at(200))), (at(500), None)];
    for (minute, expected) in [
        (-6, Coverage::NotInForce),
        (-5, Coverage::Covered),
        (0, Coverage::Covered),
        (105, Coverage::Covered),
        (106, Coverage::NotInForce),
        (199, Coverage::NotInForce),
        (200, Coverage::Covered),
        (505, Coverage::Covered),
        (506, Coverage::NotInForce),
    ] {
        let found = coverage(
            life(&scopes, None, &stopped),
            ("orders", "read"),
            at(minute),
        );
        assert_eq!(found, expected, "{minute}");
    }
    for (minute, expected) in [(15, Coverage::Covered), (16, Coverage::NotInForce)] {
        let life = life(&scopes, Some(at(10)), &[]);
        assert_eq!(coverage(life, ("orders", "read"), at(minute)), expected);
    }
}

#[test]
fn an_event_is_kept_within_its_bounds_alone() {
    let good = Sent {
        id: "x".repeat(100),
        identity: "é".repeat(100),
        resource: "a".repeat(100),
        action: "leads.read_all-1".to_owned(),
        object: Some(String::new()),
        allowed: true,
        occurred_at: at(0).to_rfc3339(),
    };
    let kept = good.clone().check(at(0), at(-10)).unwrap();
    assert_eq!((kept.object, kept.occurred_at), (None, at(0)));
    let odd = |change: &dyn Fn(&mut Sent)| {
        let mut sent = good.clone();
        change(&mut sent);
        sent.check(at(0), at(-10)).unwrap_err()
    };
    let late = (at(0) + CLOCK_SKEW + TimeDelta::seconds(1)).to_rfc3339();
    for (found, expected) in [
        (odd(&|s| s.id.push('x')), Unacceptable::TooLong("id")),
        (
            odd(&|s| s.identity.push('x')),
            Unacceptable::TooLong("identity"),
        ),
        (
            odd(&|s| s.identity.clear()),
            Unacceptable::Missing("identity"),
        ),
        (
            odd(&|s| s.id = "a\nb".to_owned()),
            Unacceptable::Hidden("id"),
        ),
        (
            odd(&|s| s.resource.push('a')),
            Unacceptable::TooLong("resource"),
        ),
        (
            odd(&|s| s.action = "Read".to_owned()),
            Unacceptable::BadName("action"),
        ),
        (
            odd(&|s| s.occurred_at = "2026-02-30".to_owned()),
            Unacceptable::BadTime,
        ),
        (
            odd(&|s| s.occurred_at.clone_from(&late)),
            Unacceptable::InFuture,
        ),
        (
            odd(&|s| s.occurred_at = at(-11).to_rfc3339()),
            Unacceptable::TooOld,
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn unused_counts_whole_days_from_the_last_use_or_from_when_it_was_given() {
    let day = |n: i64| at(n * 1_440);
    assert_eq!(unused_days(day(0), None, day(30)), 30);
    assert_eq!(unused_days(day(0), Some(day(29)), day(30)), 1);
    assert_eq!(unused_days(day(10), Some(day(1)), day(30)), 20);
    assert_eq!(unused_days(day(10), None, day(9)), 0);
}

#[test]
fn a_day_is_included_whole_and_a_time_to_the_second() {
    let asked = |from: &str, to: &str| AccessQuery {
        from: from.to_owned(),
        to: to.to_owned(),
        ..AccessQuery::default()
    };
    let all = asked("2026-01-31", "2026-01-31");
    let (from, to) = (all.from().unwrap().unwrap(), all.to().unwrap().unwrap());
    assert_eq!(
        (from.to_rfc3339(), (to - from).num_hours()),
        ("2026-01-31T00:00:00+00:00".to_owned(), 24)
    );
    let exact = asked("2026-01-31T10:00:00+02:00", "");
    assert_eq!(
        exact.from().unwrap().unwrap().to_rfc3339(),
        "2026-01-31T08:00:00+00:00"
    );
    assert_eq!(exact.to(), Ok(None));
    assert_eq!(asked("soon", "").from(), Err("soon"));
}
