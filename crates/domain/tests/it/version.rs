//! Version numbers.

use domain::environment::Environment;
use domain::version::{VersionLine, VersionNumber, tag};
use proptest::prelude::*;

fn numbers(texts: &[&str]) -> Vec<VersionNumber> {
    texts.iter().map(|t| t.parse().unwrap()).collect()
}

#[test]
fn the_next_number_follows_the_highest_of_its_line() {
    let line: VersionLine = "2.3".parse().unwrap();
    let next = |used: &[&str]| line.next(&numbers(used)).to_string();
    assert_eq!(next(&[]), "2.3.0");
    assert_eq!(next(&["2.3.0"]), "2.3.1");
    assert_eq!(next(&["2.3.9", "2.3.10", "2.3.2"]), "2.3.11");
    assert_eq!(next(&["2.30.4", "3.3.7", "12.3.1"]), "2.3.0");
}

#[test]
fn what_is_no_number_is_refused() {
    for text in [
        "",
        "2",
        "2.",
        ".3",
        "2.3.",
        "2.3.4.5",
        "02.3",
        "2.-3",
        "2.+3",
        " 2.3",
        "2.3 ",
        "v2.3",
        "2.3a",
        "9999999.0",
        "２.3",
    ] {
        assert!(text.parse::<VersionLine>().is_err(), "{text}");
        assert!(format!("1.{text}").parse::<VersionNumber>().is_err() || text == "2.3");
    }
}

#[test]
fn tags_say_agent_version_and_stage() {
    assert_eq!(tag("bot", "2.3.0", None), "clearance/bot/v2.3.0");
    assert_eq!(
        tag("bot", "2.3.0", Some(Environment::Production)),
        "clearance/bot/v2.3.0-production"
    );
}

proptest! {
    #[test]
    fn a_number_reads_back_as_itself(major in 0_u32..999_999, minor in 0_u32..999_999, patch in 0_u32..999_999) {
        let number = VersionNumber { major, minor, patch };
        prop_assert_eq!(number.to_string().parse::<VersionNumber>(), Ok(number));
    }

    #[test]
    fn the_next_number_was_never_used(patches in prop::collection::vec(0_u32..500, 0..40)) {
        let line = VersionLine { major: 1, minor: 2 };
        let used: Vec<VersionNumber> = patches.iter().map(|patch| VersionNumber { major: 1, minor: 2, patch: *patch }).collect();
        prop_assert!(!used.contains(&line.next(&used)));
    }
}
