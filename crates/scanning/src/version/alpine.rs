//! Alpine: `number{.number}{letter}{_suffix{number}}{~hash}{-r{number}}` (apk-package(5)).

use std::cmp::Ordering;

use super::{numbers, split_digits};

/// Suffixes in their order; no suffix stands at [`NO_SUFFIX`].
const SUFFIXES: &[(&str, u8)] = &[
    ("alpha", 0),
    ("beta", 1),
    ("pre", 2),
    ("rc", 3),
    ("cvs", 5),
    ("svn", 6),
    ("git", 7),
    ("hg", 8),
    ("p", 9),
];
const NO_SUFFIX: (u8, &str) = (4, "");

#[derive(Debug, Default)]
struct Alpine<'a> {
    components: Vec<&'a str>,
    letter: Option<char>,
    suffixes: Vec<(u8, &'a str)>,
    revision: &'a str,
    /// What the grammar does not allow.
    rest: &'a str,
    /// True where the rest begins before a revision was reached.
    invalid: bool,
}

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (one.trim(), two.trim());
    let (a, b) = (parse(one), parse(two));
    if a.invalid && b.invalid {
        return one.cmp(two);
    }
    components(&a.components, &b.components)
        .then_with(|| a.letter.cmp(&b.letter))
        .then_with(|| suffixes(&a.suffixes, &b.suffixes))
        .then_with(|| numbers(a.revision, b.revision))
        .then_with(|| a.rest.is_empty().cmp(&b.rest.is_empty()))
}

fn parse(text: &str) -> Alpine<'_> {
    let mut version = Alpine::default();
    let mut rest = text;
    loop {
        let (digits, after) = split_digits(rest);
        if digits.is_empty() {
            break;
        }
        version.components.push(digits);
        rest = after;
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    if let Some(letter) = rest.chars().next().filter(char::is_ascii_lowercase) {
        version.letter = Some(letter);
        rest = rest.get(1..).unwrap_or_default();
    }
    while let Some((weight, after)) = suffix(rest) {
        let (number, after) = split_digits(after);
        version.suffixes.push((weight, number));
        rest = after;
    }
    rest = without_hash(rest);
    if let Some(after) = rest.strip_prefix("-r") {
        (version.revision, rest) = split_digits(after);
    } else {
        version.invalid = !rest.is_empty();
    }
    version.rest = rest;
    version
}

fn suffix(text: &str) -> Option<(u8, &str)> {
    let text = text.strip_prefix('_')?;
    SUFFIXES
        .iter()
        .find_map(|(word, weight)| Some((*weight, text.strip_prefix(word)?)))
}

/// The hash of a commit says nothing of the order.
fn without_hash(text: &str) -> &str {
    let after = text
        .strip_prefix('~')
        .map(|hash| hash.trim_start_matches(|c: char| matches!(c, '0'..='9' | 'a'..='f')));
    after
        .filter(|after| after.len() + 1 < text.len())
        .unwrap_or(text)
}

fn components(one: &[&str], two: &[&str]) -> Ordering {
    for at in 0..one.len().max(two.len()) {
        let (a, b) = (one.get(at).copied(), two.get(at).copied());
        // Behind the first dot a leading zero makes the digits a fraction.
        let order = match (a, b) {
            (Some(a), Some(b)) if at > 0 && (a.starts_with('0') || b.starts_with('0')) => a.cmp(b),
            (a, b) => numbers(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn suffixes(one: &[(u8, &str)], two: &[(u8, &str)]) -> Ordering {
    for at in 0..one.len().max(two.len()) {
        let (weight, number) = one.get(at).copied().unwrap_or(NO_SUFFIX);
        let (weight_2, number_2) = two.get(at).copied().unwrap_or(NO_SUFFIX);
        let order = weight
            .cmp(&weight_2)
            .then_with(|| numbers(number, number_2));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
