//! What runs beside what was approved.

use std::collections::BTreeMap;

use domain::drift::{lists, settings, words};

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[test]
fn what_is_not_told_is_no_difference() {
    assert_eq!(words("a", None), None);
    assert_eq!(lists(&list(&["a"]), None), None);
    assert_eq!(settings(&map(&[("A", "1")]), &[], None), None);
    assert_eq!(words("a", Some("a")), None);
    assert_eq!(words("a", Some("b")).unwrap().found, "b");
}

#[test]
fn the_order_of_scopes_is_no_difference_and_one_more_is() {
    let approved = list(&["b", "a"]);
    assert_eq!(lists(&approved, Some(&list(&["a", "b", "a"]))), None);
    let more = lists(&approved, Some(&list(&["a", "b", "c"]))).unwrap();
    assert_eq!(
        (more.expected.as_str(), more.found.as_str()),
        ("a b", "a b c")
    );
    assert_eq!(lists(&approved, Some(&[])).unwrap().found, "none");
}

#[test]
fn settings_are_told_by_name_and_never_by_value() {
    let approved = map(&[("A", "digest-a"), ("B", "digest-b")]);
    let secret = list(&["TOKEN"]);
    let same = map(&[("A", "digest-a"), ("B", "digest-b"), ("TOKEN", "whatever")]);
    assert_eq!(settings(&approved, &secret, Some(&same)), None);
    let other = map(&[("A", "digest-x"), ("C", "digest-c")]);
    let found = settings(&approved, &secret, Some(&other)).unwrap();
    assert_eq!(found.expected, "B, TOKEN, A");
    assert_eq!(
        found.found,
        "B is missing, TOKEN is missing, A has another value, C was added"
    );
    assert!(!found.found.contains("digest"));
}
