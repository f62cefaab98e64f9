//! Access events: each is attributed by our own rows, counts once, and what no scope covers becomes one finding that counts.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use control_plane::access_events::{self, ToolCall};
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, findings, identities, incidents, quarantines};
use domain::access_event::{Coverage, EventSource, QUIET_DAYS, Sent, UNUSED_DAYS, Unacceptable};
use domain::actor::{Actor, Grant, Role, TokenScope};
use domain::environment::Environment;
use domain::finding::FindingKind;
use domain::form::identity::IdentityForm;
use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::form::query::{AccessQuery, FindingQuery};
use domain::id::{TeamId, TokenId, UserId};
use domain::view::access_event::{AccessLine, AccessReceipt};
use domain::view::finding::FindingRow;
use uuid::Uuid;

use crate::support::World;

const CLIENT: &str = "refund-assistant-2";

/// A program that agents call, with a token of somebody who has a role in a team or in all.
fn program(plane: &TestPlane, team: Option<TeamId>, scope: TokenScope) -> OpCtx {
    plane.ctx(Actor::Token {
        id: TokenId(Uuid::nil()),
        user: UserId(Uuid::nil()),
        name: "Orders".to_owned(),
        email: "orders@example.com".to_owned(),
        grants: vec![Grant {
            role: Role::Viewer,
            team,
        }],
        scopes: vec![scope],
    })
}

fn orders(plane: &TestPlane) -> OpCtx {
    program(plane, None, TokenScope::Access)
}

fn at(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub(crate) fn event(plane: &TestPlane, id: &str, client: &str, action: &str) -> Sent {
    Sent {
        id: id.to_owned(),
        identity: client.to_owned(),
        resource: "orders".to_owned(),
        action: action.to_owned(),
        object: Some("order/4711".to_owned()),
        allowed: true,
        occurred_at: at(plane.now()),
    }
}

pub(crate) async fn report(plane: &TestPlane, events: Vec<Sent>) -> AccessReceipt {
    let sent = events.into_iter().map(Ok).collect();
    access_events::report(&plane.cp, &orders(plane), sent)
        .await
        .unwrap()
}

pub(crate) async fn lines(plane: &TestPlane, ctx: &OpCtx, asked: &AccessQuery) -> Vec<AccessLine> {
    let page = access_events::list(&plane.cp, ctx, asked).await;
    page.unwrap().rows
}

/// What was found about acts.
async fn raised(plane: &TestPlane, ctx: &OpCtx, state: &str) -> Vec<FindingRow> {
    let asked = FindingQuery {
        state: state.to_owned(),
        ..FindingQuery::default()
    };
    let mut rows = findings::list(&plane.cp, ctx, &asked).await.unwrap().rows;
    let of_acts = [FindingKind::OutOfScopeAccess, FindingKind::UnknownPrincipal];
    rows.retain(|row| of_acts.contains(&row.kind));
    rows
}

#[tokio::test]
async fn a_line_says_whose_act_it_was_and_under_which_approval() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let receipt = report(plane, vec![event(plane, "e1", CLIENT, "read")]).await;
    assert_eq!((receipt.accepted, receipt.known), (1, 0));
    let found = lines(plane, &auditor, &AccessQuery::default()).await;
    assert_eq!(found.len(), 1);
    let line = &found[0];
    assert_eq!(line.agent.as_deref(), Some("refund-assistant"));
    assert_eq!(line.version.as_deref(), Some("2.3.0"));
    assert_eq!((line.deployment, line.approval), (Some(2), Some(2)));
    assert_eq!(line.environment, Some(Environment::Production));
    assert_eq!(line.coverage, Coverage::Covered);
    assert_eq!(line.source, EventSource::Resource);
    assert!(raised(plane, &auditor, "any").await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn the_same_event_counts_once_however_often_it_is_sent() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let twice = vec![
        event(plane, "e1", CLIENT, "write"),
        event(plane, "e1", CLIENT, "write"),
    ];
    let first = report(plane, twice.clone()).await;
    assert_eq!((first.accepted, first.known), (1, 1));
    let again = report(plane, twice).await;
    assert_eq!((again.accepted, again.known), (0, 2));
    assert_eq!(
        lines(plane, &auditor, &AccessQuery::default()).await.len(),
        1
    );
    assert_eq!(raised(plane, &auditor, "").await[0].sightings, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn two_reports_of_the_same_at_once_count_once() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let events: Vec<Sent> = (0..20)
        .map(|n| event(plane, &format!("e{n}"), CLIENT, "write"))
        .collect();
    let (one, other) = tokio::join!(report(plane, events.clone()), report(plane, events));
    assert_eq!(one.accepted + other.accepted, 20);
    assert_eq!(one.known + other.known, 20);
    let found = raised(plane, &auditor, "").await;
    assert_eq!((found.len(), found[0].sightings), (1, 20));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_bad_event_is_named_and_loses_no_good_one() {
    let world = World::live().await;
    let plane = &world.plane;
    let good = event(plane, "e1", CLIENT, "read");
    let with = |change: &dyn Fn(&mut Sent)| {
        let mut event = good.clone();
        event.id = "other".to_owned();
        change(&mut event);
        Ok(event)
    };
    let sent = vec![
        Err(Unacceptable::Form),
        with(&|e| e.id.clear()),
        with(&|e| e.id = "x".repeat(101)),
        with(&|e| e.identity = "a\u{202e}b".to_owned()),
        with(&|e| e.resource = "Orders; DROP TABLE".to_owned()),
        with(&|e| e.action = "a:b".to_owned()),
        with(&|e| e.object = Some("x".repeat(201))),
        with(&|e| e.occurred_at = "yesterday".to_owned()),
        with(&|e| e.occurred_at = at(plane.now() + TimeDelta::minutes(6))),
        with(&|e| e.occurred_at = at(plane.now() - TimeDelta::days(401))),
        Ok(good.clone()),
    ];
    let receipt = access_events::report(&plane.cp, &orders(plane), sent).await;
    let receipt = receipt.unwrap();
    assert_eq!(receipt.accepted, 1);
    let codes: Vec<(u64, &str)> = receipt
        .rejected
        .iter()
        .map(|one| (one.index, one.code.as_str()))
        .collect();
    let expected = [
        "not_an_object",
        "missing",
        "too_long",
        "hidden_characters",
        "bad_name",
        "bad_name",
        "too_long",
        "bad_time",
        "in_future",
        "too_old",
    ];
    assert_eq!(codes, (0..).zip(expected).collect::<Vec<_>>());
    world.plane.finish().await;
}

#[tokio::test]
async fn calls_outside_of_scope_are_one_finding_that_counts_and_ends_when_it_is_quiet() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let refused = Sent {
        allowed: false,
        ..event(plane, "e1", CLIENT, "write")
    };
    report(plane, vec![refused, event(plane, "e2", CLIENT, "write")]).await;
    report(plane, vec![event(plane, "e3", CLIENT, "write")]).await;
    report(plane, vec![event(plane, "e4", CLIENT, "delete")]).await;
    let found = raised(plane, &auditor, "").await;
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|one| one.kind == FindingKind::OutOfScopeAccess)
    );
    assert_eq!(found[1].subject, "orders:write by refund-assistant");
    assert_eq!(found[1].sightings, 3);
    assert_eq!(found[1].agent.as_deref(), Some("refund-assistant"));
    assert_eq!(found[1].deployment, Some(2));
    assert_eq!(plane.count_events("finding_raised").await, 2);

    plane.clock.advance(TimeDelta::days(QUIET_DAYS));
    report(plane, vec![event(plane, "e5", CLIENT, "delete")]).await;
    plane.clock.advance(TimeDelta::minutes(1));
    plane.activate("watch_access").await.unwrap();
    let open = raised(plane, &auditor, "").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].subject, "orders:delete by refund-assistant");
    world.plane.finish().await;
}

#[tokio::test]
async fn strangers_are_one_finding_for_a_resource_however_many_names_they_have() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let strangers = (0..200).map(|n| {
        let name = format!("<script>{n}");
        event(plane, &format!("e{n}"), &name, "read")
    });
    report(plane, strangers.collect()).await;
    let found = raised(plane, &auditor, "").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, FindingKind::UnknownPrincipal);
    assert_eq!(
        (found[0].subject.as_str(), found[0].sightings),
        ("orders", 200)
    );
    // Nor do made-up resources make a finding each.
    let made_up = (0..300).map(|n| Sent {
        resource: format!("r{n}"),
        ..event(plane, &format!("m{n}"), "nobody", "read")
    });
    report(plane, made_up.collect()).await;
    let found = raised(plane, &auditor, "").await;
    assert_eq!(found.len(), 50, "{}", found.len());
    world.plane.finish().await;
}

#[tokio::test]
async fn names_in_a_report_attribute_nothing_to_another_teams_agent() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let elsewhere = program(plane, Some(TeamId(Uuid::nil())), TokenScope::Access);
    let sent = vec![Ok(event(plane, "e1", CLIENT, "write"))];
    let kept = access_events::report(&plane.cp, &elsewhere, sent).await;
    assert_eq!(kept.unwrap().accepted, 1);
    let found = lines(plane, &auditor, &AccessQuery::default()).await;
    assert_eq!(found[0].coverage, Coverage::UnknownIdentity);
    assert_eq!((found[0].agent.as_ref(), found[0].deployment), (None, None));
    world.plane.finish().await;
}

#[tokio::test]
async fn only_a_token_for_it_reports_and_an_agent_speaks_for_itself_alone() {
    let world = World::live().await;
    let plane = &world.plane;
    let sent = || vec![Ok(event(plane, "e1", CLIENT, "read"))];
    for scope in [TokenScope::Read, TokenScope::Write] {
        let outcome = access_events::report(&plane.cp, &program(plane, None, scope), sent()).await;
        assert!(
            matches!(outcome, Err(Error::Forbidden { .. })),
            "{outcome:?}"
        );
    }
    let own = |client: &'static str, sent| {
        let (ctx, source) = (plane.system(), EventSource::Agent);
        async move { access_events::report_own(&plane.cp, &ctx, client, source, sent).await }
    };
    let stranger = own("nobody", sent()).await;
    assert!(
        matches!(stranger, Err(Error::Unauthenticated)),
        "{stranger:?}"
    );
    // Of what is live in non-prod, the other identity of the same agent.
    let mixed = vec![
        Ok(event(plane, "e1", CLIENT, "read")),
        Ok(event(plane, "e2", "", "read")),
    ];
    let receipt = own("refund-assistant-1", mixed).await.unwrap();
    assert_eq!(receipt.rejected[0].code, "not_yours");
    assert_eq!(receipt.accepted, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_done_after_a_revocation_is_seen_when_the_last_token_had_run_out() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let revoke = IdentityForm {
        client_id: CLIENT.to_owned(),
        reason: "The key was seen in a log.".to_owned(),
    };
    identities::revoke(&plane.cp, &operator, &revoke)
        .await
        .unwrap();
    plane.settle_all().await;
    plane.clock.advance(TimeDelta::minutes(4));
    report(plane, vec![event(plane, "e1", CLIENT, "read")]).await;
    assert!(raised(plane, &auditor, "").await.is_empty());
    plane.clock.advance(TimeDelta::minutes(2));
    let refused = Sent {
        allowed: false,
        ..event(plane, "e2", CLIENT, "read")
    };
    report(plane, vec![refused]).await;
    assert!(raised(plane, &auditor, "").await.is_empty());
    report(plane, vec![event(plane, "e3", CLIENT, "read")]).await;
    let found = raised(plane, &auditor, "").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, FindingKind::UnknownPrincipal);
    assert_eq!(found[0].subject, CLIENT);
    // It is still known whose act it was.
    let newest = &lines(plane, &auditor, &AccessQuery::default()).await[0];
    assert_eq!(newest.agent.as_deref(), Some("refund-assistant"));
    assert_eq!(newest.coverage, Coverage::NotInForce);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_done_in_quarantine_is_not_in_force() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let open = OpenIncidentForm {
        agent: "refund-assistant".to_owned(),
        environment: "production".to_owned(),
        title: "It writes to strangers.".to_owned(),
    };
    let number = incidents::open(&plane.cp, &operator, &open).await.unwrap();
    let form = IncidentForm {
        number: number.to_string(),
        reason: "Until it is understood.".to_owned(),
    };
    quarantines::begin(&plane.cp, &operator, &form)
        .await
        .unwrap();
    plane.settle().await;
    plane.clock.advance(TimeDelta::minutes(6));
    report(plane, vec![event(plane, "e1", CLIENT, "read")]).await;
    let newest = &lines(plane, &auditor, &AccessQuery::default()).await[0];
    assert_eq!(newest.coverage, Coverage::NotInForce);
    world.plane.settle_all().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_says_when_each_scope_was_last_used_and_which_never_was() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let uses = async || {
        let found = identities::get(&plane.cp, &auditor, CLIENT).await.unwrap();
        (found.uses[0].clone(), found.row.last_used_at)
    };
    let (before, last) = uses().await;
    assert_eq!((before.calls, before.last_at, last), (0, None, None));
    assert_eq!(before.unused_days, None);
    let used = at(plane.now());
    let refused = Sent {
        allowed: false,
        ..event(plane, "e2", CLIENT, "read")
    };
    report(plane, vec![event(plane, "e1", CLIENT, "read"), refused]).await;
    plane.clock.advance(TimeDelta::days(UNUSED_DAYS));
    let (after, last) = uses().await;
    assert_eq!(after.calls, 1);
    assert_eq!(after.last_at.clone().unwrap()[..19], used[..19]);
    assert_eq!(after.last_at, last);
    assert_eq!(after.unused_days, Some(UNUSED_DAYS));
    // An older act that is told of late does not make it look older.
    let late = Sent {
        occurred_at: at(plane.now() - TimeDelta::days(UNUSED_DAYS + 1)),
        ..event(plane, "e3", CLIENT, "read")
    };
    report(plane, vec![event(plane, "e4", CLIENT, "read"), late]).await;
    let (again, _) = uses().await;
    assert_eq!((again.unused_days, again.calls), (None, 2));
    world.plane.finish().await;
}

#[tokio::test]
async fn lists_are_narrowed_paged_by_the_time_of_the_act_and_kept_from_other_teams() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let day = |n: i64| plane.now() - TimeDelta::days(n);
    let events = (0..5).map(|n| Sent {
        occurred_at: at(day(4 - n)),
        allowed: n % 2 == 0,
        ..event(plane, &format!("e{n}"), "nobody", "read")
    });
    report(plane, events.rev().collect()).await;
    let asked = |change: &dyn Fn(&mut AccessQuery)| {
        let mut asked = AccessQuery::default();
        change(&mut asked);
        asked
    };
    // The newest act first, whatever came in first.
    let mut query = asked(&|q| q.limit = Some(2));
    let mut times = Vec::new();
    loop {
        let page = access_events::list(&plane.cp, &auditor, &query)
            .await
            .unwrap();
        times.extend(page.rows.into_iter().map(|row| row.occurred_at));
        let Some(next) = page.next else { break };
        query.cursor = next;
    }
    let sorted: Vec<String> = (0..5).map(|n| at(day(n))).collect();
    let seconds = |all: &[String]| all.iter().map(|t| t[..19].to_owned()).collect::<Vec<_>>();
    assert_eq!(seconds(&times), seconds(&sorted));
    let today = plane.now().format("%Y-%m-%d").to_string();
    for (query, expected) in [
        (asked(&|q| q.allowed = "yes".to_owned()), 3),
        (asked(&|q| q.allowed = "maybe".to_owned()), 0),
        (asked(&|q| q.resource = "orders".to_owned()), 5),
        (asked(&|q| q.action = "write".to_owned()), 0),
        (asked(&|q| q.coverage = "unknown_identity".to_owned()), 5),
        (asked(&|q| q.agent = "refund-assistant".to_owned()), 0),
        (asked(&|q| q.agent = "none-such".to_owned()), 0),
        (asked(&|q| q.from = today.clone()), 1),
        (asked(&|q| q.to = at(day(3))), 1),
        (asked(&|q| q.from = "some day".to_owned()), 0),
    ] {
        assert_eq!(
            lines(plane, &auditor, &query).await.len(),
            expected,
            "{query:?}"
        );
    }
    // What nobody is known to have done is for those who read everywhere.
    let developer = plane
        .person_with(
            "dev@example.com",
            &[(Role::Developer, Some(plane.team))],
            &[],
        )
        .await;
    assert!(
        lines(plane, &developer, &AccessQuery::default())
            .await
            .is_empty()
    );
    report(plane, vec![event(plane, "own", CLIENT, "read")]).await;
    assert_eq!(
        lines(plane, &developer, &AccessQuery::default())
            .await
            .len(),
        1
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn lines_go_by_their_age_and_by_nothing_else() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    report(plane, vec![event(plane, "e1", CLIENT, "read")]).await;
    plane.clock.advance(TimeDelta::days(399));
    plane.activate("watch_access").await.unwrap();
    assert_eq!(
        lines(plane, &auditor, &AccessQuery::default()).await.len(),
        1
    );
    plane.clock.advance(TimeDelta::days(2));
    plane.activate("watch_access").await.unwrap();
    assert!(
        lines(plane, &auditor, &AccessQuery::default())
            .await
            .is_empty()
    );
    // When it was last used is known still.
    let found = identities::get(&plane.cp, &auditor, CLIENT).await.unwrap();
    assert!(found.row.last_used_at.is_some());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_call_of_a_tool_in_a_trace_is_an_event_where_its_scope_is_known() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let began = u64::try_from(plane.now().timestamp_nanos_opt().unwrap()).unwrap();
    let call = |key: &str, scope: Option<&str>| ToolCall {
        key: key.to_owned(),
        tool: Some("lookup \u{202e}".to_owned()),
        scope: scope.map(str::to_owned),
        began,
        failed: false,
    };
    let calls = vec![
        call("a 1", Some("orders:read")),
        call("a 2", Some("no scope")),
        call("a 3", None),
    ];
    let ctx = plane.system();
    for _ in 0..2 {
        access_events::from_traces(&plane.cp, &ctx, CLIENT, calls.clone())
            .await
            .unwrap();
    }
    let found = lines(plane, &auditor, &AccessQuery::default()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source, EventSource::Trace);
    assert_eq!(found[0].coverage, Coverage::Covered);
    assert_eq!(found[0].object.as_deref(), Some("lookup \u{fffd}"));
    world.plane.finish().await;
}
