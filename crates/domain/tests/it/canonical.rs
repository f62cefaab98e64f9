//! Canonical JSON and digests: the same value, the same bytes, everywhere and for ever.

use std::collections::BTreeMap;

use domain::canonical::{digest, digest_of, to_json};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn the_digest_of_known_bytes_is_the_published_one() {
    assert_eq!(
        digest(b"abc"),
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(
        digest(b""),
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn keys_are_sorted_by_utf_16_and_numbers_have_one_form() {
    // The example of RFC 8785, section 3.2.3, in short.
    let value = json!({"\u{20ac}": 1, "\r": 2, "1": 3, "\u{1f600}": 4, "\u{fb33}": 5, "peach": 1e21, "zero": 0.0, "half": 0.50});
    assert_eq!(
        to_json(&value).unwrap(),
        "{\"\\r\":2,\"1\":3,\"half\":0.5,\"peach\":1e+21,\"zero\":0,\"\u{20ac}\":1,\"\u{1f600}\":4,\"\u{fb33}\":5}"
    );
}

#[test]
fn what_json_cannot_hold_is_an_error() {
    assert!(to_json(&f64::NAN).is_err() || to_json(&f64::NAN).unwrap() == "null");
    let keys = BTreeMap::from([(vec![1], 1)]);
    assert!(to_json(&keys).is_err());
}

proptest! {
    #[test]
    fn the_order_of_keys_and_white_space_change_nothing(
        pairs in prop::collection::btree_map("\\PC{0,12}", -1_000_000_i64..1_000_000, 0..20)
    ) {
        let forward: serde_json::Map<_, _> = pairs.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        let backward: serde_json::Map<_, _> = pairs.iter().rev().map(|(k, v)| (k.clone(), json!(v))).collect();
        prop_assert_eq!(digest_of(&forward).unwrap(), digest_of(&backward).unwrap());
        let spaced: serde_json::Value = serde_json::from_str(&serde_json::to_string_pretty(&forward).unwrap()).unwrap();
        prop_assert_eq!(digest_of(&spaced).unwrap(), digest_of(&forward).unwrap());
    }
}
