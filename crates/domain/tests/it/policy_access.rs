//! The section `access` of a policy: what is read, what is refused with its place, and when a window is open.

use chrono::{DateTime, Utc};
use domain::environment::Environment;
use domain::policy::{AccessWindow, Policy, STANDARD};

fn with(section: &str) -> String {
    format!("{STANDARD}\naccess:\n{section}")
}

fn problems(section: &str) -> Vec<(u32, String)> {
    let found = Policy::parse(2, &with(section)).unwrap_err();
    let before = u32::try_from(STANDARD.lines().count()).unwrap() + 2;
    found
        .into_iter()
        .map(|one| (one.line.saturating_sub(before), one.message))
        .collect()
}

fn window(text: &str) -> AccessWindow {
    let policy = Policy::parse(2, &with(&format!("  windows:\n    - {text}\n"))).unwrap();
    policy.access.unwrap().windows.remove(0)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn a_document_without_the_section_keeps_its_digest_and_one_with_it_comes_back_from_its_canonical_form()
 {
    let plain = Policy::standard().unwrap();
    assert!(!plain.canonical().unwrap().contains("access"));
    let text = with(
        "  windows:\n    - {reason: Office hours, resource: payments, days: [friday, monday], from: \"08:00\", until: \"24:00\", zone: Europe/Berlin}\n",
    );
    let policy = Policy::parse(2, &text).unwrap();
    let canonical = policy.canonical().unwrap();
    let again = Policy::parse(2, &canonical).unwrap();
    assert_eq!(again, policy);
    assert_eq!(again.digest().unwrap(), policy.digest().unwrap());
    assert_ne!(policy.digest().unwrap(), plain.digest().unwrap());
    let rules = policy.access.unwrap();
    assert_eq!(rules.windows[0].days, [0, 4]);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let base = "reason: Office hours, from: \"08:00\", until: \"18:00\", zone: UTC";
    for (section, word) in [
        (
            format!("  windows:\n    - {{{base}, resource: Payments}}"),
            "scopes begin with",
        ),
        (
            format!("  windows:\n    - {{{base}, scope: payments}}"),
            "Write a scope",
        ),
        (
            format!("  windows:\n    - {{{base}, resource: a, scope: \"a:b\"}}"),
            "or the scope",
        ),
        (
            format!("  windows:\n    - {{{base}, environment: moon}}"),
            "non_prod",
        ),
        (
            format!("  windows:\n    - {{{base}, days: [moonday]}}"),
            "monday",
        ),
        (
            format!("  windows:\n    - {{{base}, days: [monday, monday]}}"),
            "twice",
        ),
        (
            format!("  windows:\n    - {{{}}}", base.replace("UTC", "Mars/Base")),
            "IANA",
        ),
        (
            format!("  windows:\n    - {{{}}}", base.replace("08:00", "8:00")),
            "time of day",
        ),
        (
            format!("  windows:\n    - {{{}}}", base.replace("08:00", "24:00")),
            "23:59",
        ),
        (
            format!("  windows:\n    - {{{}}}", base.replace("18:00", "08:00")),
            "must not end",
        ),
        (
            format!("  windows:\n    - {{{}}}", base.replace("18:00", "24:01")),
            "time of day",
        ),
    ] {
        let found = problems(&section);
        assert!(
            found
                .iter()
                .any(|(line, said)| *line == 2 && said.contains(word)),
            "{section}: {found:?}"
        );
    }
    let unknown = problems("  window: []\n");
    assert!(!unknown.is_empty());
}

#[test]
fn a_window_is_open_by_the_clocks_of_its_zone_also_when_they_change() {
    let berlin = window(
        "{reason: Office hours, days: [sunday, monday], from: \"08:00\", until: \"18:00\", zone: Europe/Berlin}",
    );
    for (time, open) in [
        // Winter is one hour before UTC, summer two.
        ("2027-01-04T06:59:59Z", false),
        ("2027-01-04T07:00:00Z", true),
        ("2027-01-04T16:59:59Z", true),
        ("2027-01-04T17:00:00Z", false),
        ("2027-07-05T06:00:00Z", true),
        ("2027-07-05T16:00:00Z", false),
        ("2027-07-06T12:00:00Z", false),
        // The Sunday on which clocks are put forward.
        ("2027-03-28T06:00:00Z", true),
        ("2027-03-28T05:59:00Z", false),
    ] {
        assert_eq!(berlin.is_open(at(time)), open, "{time}");
    }
    let night =
        window("{reason: Night, days: [friday], from: \"22:00\", until: \"06:00\", zone: UTC}");
    for (time, open) in [
        ("2027-01-08T21:59:00Z", false),
        ("2027-01-08T22:00:00Z", true),
        ("2027-01-09T05:59:00Z", true),
        ("2027-01-09T06:00:00Z", false),
        ("2027-01-09T22:00:00Z", false),
        ("2027-01-08T05:00:00Z", false),
    ] {
        assert_eq!(night.is_open(at(time)), open, "{time}");
    }
}

#[test]
fn of_several_windows_about_a_scope_one_is_enough_and_others_are_left_alone() {
    let text = with(
        "  windows:\n    - {reason: Morning, resource: payments, from: \"08:00\", until: \"10:00\", zone: UTC}\n    - {reason: Evening, scope: \"payments:transfer\", environment: production, from: \"18:00\", until: \"20:00\", zone: UTC}\n",
    );
    let rules = Policy::parse(2, &text).unwrap().access.unwrap();
    let closed = |scope: &str, place, time: &str| {
        let resource = scope.split(':').next().unwrap();
        rules
            .closed(resource, scope, place, at(time))
            .map(|window| window.reason.clone())
    };
    use Environment::{NonProd, Production};
    assert_eq!(
        closed("payments:transfer", Production, "2027-01-04T09:00:00Z"),
        None
    );
    assert_eq!(
        closed("payments:transfer", Production, "2027-01-04T19:00:00Z"),
        None
    );
    let no = Some("Morning".to_owned());
    assert_eq!(
        closed("payments:transfer", Production, "2027-01-04T12:00:00Z"),
        no
    );
    assert_eq!(
        closed("payments:transfer", NonProd, "2027-01-04T19:00:00Z"),
        no
    );
    assert_eq!(
        closed("payments:read", Production, "2027-01-04T19:00:00Z"),
        no
    );
    assert_eq!(
        closed("orders:read", Production, "2027-01-04T12:00:00Z"),
        None
    );
}
