//! Hostile and long text.

use domain::name::{SLUG_MAX, check_slug, is_scope};
use domain::text::{cut, is_hidden, short_commit, short_digest, visible};
use proptest::prelude::*;

#[test]
fn what_hides_or_reorders_text_becomes_visible() {
    let hostile = "a\u{202e}b\u{200b}c\u{7}d\u{feff}e\u{2066}f\u{1b}[31m";
    assert_eq!(
        visible(hostile),
        "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}[31m"
    );
    assert_eq!(visible("tab\tand\nline é 漢 🙂"), "tab\tand\nline é 漢 🙂");
}

#[test]
fn digests_and_commits_are_shortened_for_people() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    assert_eq!(short_digest(&digest), "sha256:01234567…cdef");
    assert_eq!(short_digest("sha256:short"), "sha256:short");
    assert_eq!(
        short_digest(&format!("sha256:{}", "é".repeat(30))),
        format!("sha256:{}", "é".repeat(30))
    );
    assert_eq!(short_commit(&"a".repeat(40)), "aaaaaaa");
}

#[test]
fn slugs_are_plain() {
    for good in ["ab", "sales-qualifier", "a1", &"a".repeat(SLUG_MAX)] {
        assert_eq!(check_slug(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "a",
        "A1",
        "1a",
        "-a",
        "a-",
        "a--b",
        "a_b",
        "a b",
        "é1",
        "a.b",
        &"a".repeat(SLUG_MAX + 1),
    ] {
        assert!(check_slug(bad).is_err(), "{bad}");
    }
}

#[test]
fn scopes_are_resource_and_verb() {
    for good in ["orders:read", "crm.leads:write", "a:b", "a_b-c:d1"] {
        assert!(is_scope(good), "{good}");
    }
    for bad in [
        "",
        "read",
        ":read",
        "orders:",
        "a:b:c",
        "Orders:read",
        "a:*",
        "a b:c",
        "1:a",
    ] {
        assert!(!is_scope(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_cut_text_is_never_longer_than_asked(text in "\\PC{0,60}", max in 1_usize..40) {
        let short = cut(&text, max);
        prop_assert!(short.chars().count() <= max);
        prop_assert_eq!(short == text, text.chars().count() <= max);
    }

    #[test]
    fn nothing_hidden_is_left(text in any::<String>()) {
        prop_assert!(!visible(&text).chars().any(is_hidden));
    }
}
