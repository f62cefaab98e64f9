//! Deliveries: names of commits, refs and repositories.

use domain::delivery::{RefUpdate, canonical_repository, is_commit};
use proptest::prelude::*;

#[test]
fn every_spelling_of_a_repository_is_the_same() {
    for url in [
        "https://github.com/acme/bots",
        "https://github.com/acme/bots.git",
        "https://github.com/acme/bots/",
        "https://GitHub.com/acme/bots.git",
        "https://user:secret@github.com/acme/bots.git",
        "git@github.com:acme/bots.git",
        "ssh://git@github.com/acme/bots.git",
        "git://github.com/acme/bots.git",
        " https://github.com/acme/bots ",
    ] {
        assert_eq!(canonical_repository(url), "github.com/acme/bots", "{url}");
    }
}

#[test]
fn different_repositories_stay_different() {
    let all = [
        "https://github.com/acme/bots",
        "https://github.com/acme/Bots",
        "https://github.com/acme/bots2",
        "https://gitlab.com/acme/bots",
        "https://github.com/acme/group/bots",
        "/srv/git/bots.git",
        "file:///srv/git/other.git",
    ];
    let mut keys: Vec<String> = all.iter().map(|url| canonical_repository(url)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all.len(), "{keys:?}");
}

#[test]
fn a_commit_is_40_or_64_lower_case_hex_digits() {
    assert!(is_commit(&"a".repeat(40)));
    assert!(is_commit(&"0".repeat(64)));
    for bad in [
        String::new(),
        "a".repeat(39),
        "a".repeat(41),
        "A".repeat(40),
        "g".repeat(40),
        format!("--{}", "a".repeat(38)),
    ] {
        assert!(!is_commit(&bad), "{bad}");
    }
}

#[test]
fn only_a_branch_is_a_branch() {
    let branch = |name: &str| {
        let update = RefUpdate {
            name: name.to_owned(),
            before: None,
            after: None,
        };
        update.branch().map(str::to_owned)
    };
    assert_eq!(branch("refs/heads/main").as_deref(), Some("main"));
    assert_eq!(branch("refs/heads/a/b").as_deref(), Some("a/b"));
    for name in [
        "refs/tags/main",
        "refs/heads/",
        "main",
        "refs/notes/heads/x",
    ] {
        assert_eq!(branch(name), None, "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_none_keeps_a_password(text in "\\PC{0,80}") {
        let _ = canonical_repository(&text);
        let _ = is_commit(&text);
    }

    #[test]
    fn a_canonical_name_is_canonical(host in "[a-z]{1,8}\\.[a-z]{2,3}", path in "[a-z]{1,8}/[a-z]{1,8}") {
        let once = canonical_repository(&format!("https://u:p@{host}/{path}.git"));
        prop_assert_eq!(canonical_repository(&once), once.clone());
        prop_assert_eq!(once, format!("{host}/{path}"));
    }
}
