//! The calendar of schedules: months and quarters in UTC, leap years, and what was missed.

use chrono::{DateTime, Duration, Utc};
use domain::package::{Due, Every, MISSED_MAX, SEED_MAX, seed_of};
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> DateTime<Utc> {
    at(&format!("{text}T00:00:00Z"))
}

#[test]
fn a_period_begins_and_ends_at_midnight_of_a_first() {
    for (every, moment, from, to) in [
        (
            Every::Month,
            "2026-03-02T09:00:00Z",
            "2026-03-01",
            "2026-04-01",
        ),
        (
            Every::Month,
            "2028-02-29T23:59:59.999999Z",
            "2028-02-01",
            "2028-03-01",
        ),
        (
            Every::Month,
            "2100-02-28T12:00:00Z",
            "2100-02-01",
            "2100-03-01",
        ),
        (
            Every::Month,
            "2026-12-31T23:59:59Z",
            "2026-12-01",
            "2027-01-01",
        ),
        (
            Every::Month,
            "2026-01-01T00:00:00Z",
            "2026-01-01",
            "2026-02-01",
        ),
        (
            Every::Quarter,
            "2026-03-31T23:59:59Z",
            "2026-01-01",
            "2026-04-01",
        ),
        (
            Every::Quarter,
            "2026-04-01T00:00:00Z",
            "2026-04-01",
            "2026-07-01",
        ),
        (
            Every::Quarter,
            "2026-12-31T23:59:59Z",
            "2026-10-01",
            "2027-01-01",
        ),
        (
            Every::Quarter,
            "2028-02-29T00:00:00Z",
            "2028-01-01",
            "2028-04-01",
        ),
    ] {
        let beginning = every.beginning(at(moment));
        assert_eq!(beginning, day(from), "{every} {moment}");
        assert_eq!(every.end(beginning), day(to), "{every} {moment}");
    }
    // A leap year's February has a day more.
    let february = |year: i32| day(&format!("{year}-02-01"));
    for (year, days) in [(2027, 28), (2028, 29), (2100, 28), (2400, 29)] {
        let length = Every::Month.end(february(year)) - february(year);
        assert_eq!(length, Duration::days(days), "{year}");
    }
}

#[test]
fn nothing_is_due_before_the_period_is_over() {
    let next = day("2028-02-01");
    assert_eq!(
        Every::Month.due(next, at("2028-02-29T23:59:59.999999Z")),
        None
    );
    let due = Every::Month.due(next, day("2028-03-01"));
    let expected = Due {
        from: next,
        to: day("2028-03-01"),
        skipped: 0,
    };
    assert_eq!(due, Some(expected));
    assert_eq!(
        Every::Quarter.due(day("2028-01-01"), day("2028-03-31")),
        None
    );
}

#[test]
fn of_what_was_missed_the_last_twelve_are_made() {
    let due = Every::Month
        .due(day("2026-01-01"), day("2027-03-15"))
        .unwrap();
    assert_eq!((due.from, due.skipped), (day("2026-03-01"), 2));
    let due = Every::Quarter
        .due(day("2020-01-01"), day("2026-01-01"))
        .unwrap();
    assert_eq!((due.from, due.skipped), (day("2023-01-01"), 12));
}

#[test]
fn a_seed_of_a_head_is_one_that_a_package_takes() {
    let seed = seed_of(u64::MAX, &"f".repeat(64));
    assert!(seed.len() <= SEED_MAX, "{}", seed.len());
    assert!(
        seed.bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    );
}

proptest! {
    #[test]
    fn periods_follow_each_other_without_a_gap(
        seconds in 0..4_000_000_000_i64, later in 0..200_000_000_i64, quarter: bool
    ) {
        let every = if quarter { Every::Quarter } else { Every::Month };
        let moment = DateTime::from_timestamp(seconds, 0).unwrap();
        let now = moment + Duration::seconds(later);
        let mut next = every.beginning(moment);
        prop_assert!(next <= moment && moment < every.end(next));
        let mut made = 0;
        while let Some(due) = every.due(next, now) {
            prop_assert!(due.from >= next && due.to <= now);
            prop_assert_eq!(every.beginning(due.from), due.from);
            prop_assert_eq!(due.to, every.end(due.from));
            prop_assert!(made == 0 || (due.from == next && due.skipped == 0));
            next = due.to;
            made += 1;
        }
        prop_assert!(made <= MISSED_MAX);
        prop_assert!(every.end(next) > now);
    }
}
