//! The block of a policy about results from outside.

use domain::gate::Gate;
use domain::policy::{Policy, STANDARD};

const KEY: &str = "ci.example/results+1f2e3d4c+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh";

fn with(block: &str) -> String {
    format!("{STANDARD}\nexternal_results:\n{block}\n")
}

fn signer(name: &str, gates: &str) -> String {
    format!("  - {{signer: {name}, key: {KEY}, gates: {gates}, wait_minutes: 60}}")
}

#[test]
fn a_document_without_it_trusts_nobody_and_keeps_its_digest() {
    let policy = Policy::standard().unwrap();
    assert!(policy.signers(Gate::Relevance).is_empty());
    assert!(!policy.canonical().unwrap().contains("external_results"));
}

#[test]
fn signers_are_kept_in_order_and_read_again() {
    let two = format!(
        "{}\n{}",
        signer("nightly", "[relevance]"),
        signer("lab", "[responsible_ai, relevance]")
    );
    let policy = Policy::parse(1, &with(&two)).unwrap();
    let names = |gate| -> Vec<String> {
        let all = policy.signers(gate).into_iter();
        all.map(|one| one.signer.clone()).collect()
    };
    assert_eq!(names(Gate::Relevance), ["lab", "nightly"]);
    assert_eq!(names(Gate::ResponsibleAi), ["lab"]);
    assert!(names(Gate::ImageScan).is_empty());
    let again = Policy::parse(1, &policy.canonical().unwrap()).unwrap();
    assert_eq!(again, policy);
    let stricter = policy.effective("care", domain::agent::Risk::High);
    assert_eq!(stricter.external_results, policy.external_results);
}

#[test]
fn a_wrong_signer_says_where() {
    let twice = format!(
        "{}\n{}",
        signer("ci", "[relevance]"),
        signer("ci", "[relevance]")
    );
    for (block, part) in [
        (signer("CI", "[relevance]"), "lower-case"),
        (twice, "twice"),
        (signer("ci", "[health]"), "health"),
        (signer("ci", "[]"), "some gates"),
        (signer("ci", "[taste]"), "taste"),
        (
            signer("ci", "[relevance]").replace(KEY, "a+b+c"),
            "name+hash+base64",
        ),
        (signer("ci", "[relevance]").replace("60", "0"), "1 to 1440"),
        (
            signer("ci", "[relevance]").replace("wait_", "weight_"),
            "weight_minutes",
        ),
    ] {
        let problems = Policy::parse(1, &with(&block)).unwrap_err();
        assert!(problems[0].message.contains(part), "{block}: {problems:?}");
        assert!(problems[0].line > 0, "{block}: {problems:?}");
    }
}
