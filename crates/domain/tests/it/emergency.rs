//! What emergencies may say: forms, and the blocks of the policy.

use domain::break_glass::incident_link;
use domain::error::FieldProblem;
use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::policy::{BreakGlassRules, ElevationRules, Policy, STANDARD};

fn form(incident: &str) -> BreakGlassForm {
    BreakGlassForm {
        number: "2".to_owned(),
        manifest_digest: "0".repeat(64),
        reason: "Customers are charged twice.".to_owned(),
        incident: incident.to_owned(),
    }
}

#[test]
fn an_incident_is_a_number_or_an_address_of_the_web() {
    for good in [
        "INC-118",
        "4711",
        "https://incidents.example.com/118",
        "HTTP://example.com/1",
    ] {
        assert_eq!(form(good).parse().unwrap().incident, good);
    }
    for bad in [
        "javascript:alert(1)",
        "data:text/html,<b>",
        "ftp://example.com/1",
        "https://",
        "https://example.com/a b",
        "two\nlines",
        "INC\u{7}118",
    ] {
        let errors = form(bad).parse().unwrap_err();
        assert_eq!(
            errors.get("incident"),
            Some(FieldProblem::BadIncident),
            "{bad}"
        );
    }
    assert_eq!(
        form("").parse().unwrap_err().get("incident"),
        Some(FieldProblem::Required)
    );
    let long = form(&"x".repeat(301)).parse().unwrap_err();
    assert_eq!(long.get("incident"), Some(FieldProblem::TooLong));
    assert_eq!(incident_link("INC-118"), None);
    assert_eq!(incident_link("é"), None);
}

#[test]
fn a_reason_has_ten_characters() {
    let mut short = form("INC-118");
    short.reason = "broken".to_owned();
    assert_eq!(
        short.parse().unwrap_err().get("reason"),
        Some(FieldProblem::TooShort)
    );
}

#[test]
fn nobody_closes_a_review_by_the_word_of_the_clock() {
    let form = PostReviewForm {
        number: "1".to_owned(),
        outcome: "lapsed".to_owned(),
        reason: "Read the change and the incident.".to_owned(),
    };
    assert_eq!(
        form.parse().unwrap_err().get("outcome"),
        Some(FieldProblem::UnknownChoice)
    );
}

fn with(block: &str) -> String {
    format!("{STANDARD}\n{block}\n")
}

#[test]
fn a_document_without_the_blocks_keeps_its_digest_and_has_the_defaults() {
    let policy = Policy::standard().unwrap();
    let text = policy.canonical().unwrap();
    assert!(
        !text.contains("break_glass") && !text.contains("elevation"),
        "{text}"
    );
    assert_eq!(policy.break_glass(), BreakGlassRules::default());
    assert_eq!(policy.elevation(), ElevationRules { hours: 8 });
    let said = "break_glass: {roles: [operator], hours: 4, review_hours: 72}";
    let other = Policy::parse(1, &with(said)).unwrap();
    assert_eq!(other.break_glass(), policy.break_glass());
    let again = Policy::parse(1, &other.canonical().unwrap()).unwrap();
    assert_eq!(again, other);
}

#[test]
fn a_wrong_block_says_where() {
    for (block, part) in [
        (
            "break_glass: {roles: [approver], hours: 4, review_hours: 72}",
            "operator",
        ),
        (
            "break_glass: {roles: [], hours: 25, review_hours: 72}",
            "1 to 24",
        ),
        (
            "break_glass: {roles: [], hours: 1, review_hours: 169}",
            "1 to 168",
        ),
        (
            "break_glass: {roles: [operator, operator], hours: 1, review_hours: 1}",
            "twice",
        ),
        ("elevation: {hours: 0}", "1 to 24"),
        ("elevation: {hours: 1, for_ever: true}", "for_ever"),
    ] {
        let problems = Policy::parse(1, &with(block)).unwrap_err();
        assert!(problems[0].message.contains(part), "{block}: {problems:?}");
        assert!(problems[0].line > 0, "{block}: {problems:?}");
    }
}
