//! What runs beside what was approved. Settings are compared by the digests of their values, so that no value is shown and a
//! secret's is never asked for.

use std::collections::BTreeMap;

/// One part of what runs, as it was approved and as it was found. `None` where the provider does not tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub expected: String,
    pub found: String,
}

/// The difference of two words, if both are known and differ.
#[must_use]
pub fn words(expected: &str, found: Option<&str>) -> Option<Difference> {
    let found = found.filter(|found| *found != expected)?;
    Some(Difference {
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}

/// The difference of two lists, whatever their order.
#[must_use]
pub fn lists(expected: &[String], found: Option<&[String]>) -> Option<Difference> {
    let (expected, found) = (sorted(expected), sorted(found?));
    (expected != found).then(|| Difference {
        expected: said(&expected),
        found: said(&found),
    })
}

/// A list as a difference says it, whatever its order.
#[must_use]
pub fn list(words: &[String]) -> String {
    said(&sorted(words))
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort_unstable();
    list.dedup();
    list
}

fn said(list: &[String]) -> String {
    match list {
        [] => "none".to_owned(),
        list => list.join(" "),
    }
}

/// The difference of two sets of settings, name to digest. Names in `secret` need only be there: their values are not known.
#[must_use]
pub fn settings(
    expected: &BTreeMap<String, String>,
    secret: &[String],
    found: Option<&BTreeMap<String, String>>,
) -> Option<Difference> {
    let found = found?;
    let known = |name: &String| expected.contains_key(name) || secret.contains(name);
    let (mut lost, mut said) = (Vec::new(), Vec::new());
    for name in expected.keys().chain(secret) {
        if !found.contains_key(name) {
            lost.push(name.clone());
            said.push(format!("{name} is missing"));
        }
    }
    for (name, digest) in found {
        match expected.get(name) {
            Some(approved) if approved != digest => {
                lost.push(name.clone());
                said.push(format!("{name} has another value"));
            }
            None if !known(name) => said.push(format!("{name} was added")),
            Some(_) | None => {}
        }
    }
    (!said.is_empty()).then(|| Difference {
        expected: if lost.is_empty() {
            "nothing more".to_owned()
        } else {
            lost.join(", ")
        },
        found: said.join(", "),
    })
}
