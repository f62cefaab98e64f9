//! PHP packages: `version_compare` of PHP, as Composer uses it.

use std::cmp::Ordering;

use super::{is_number, numbers};

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (parts(one), parts(two));
    for at in 0..one.len().max(two.len()) {
        let order = match (one.get(at), two.get(at)) {
            (Some(a), Some(b)) => part(a, b),
            (Some(a), None) => alone(a),
            (None, Some(b)) => alone(b).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Runs of digits and of letters; whatever else stands between them separates.
fn parts(text: &str) -> Vec<String> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if matches!(c, '.' | '-' | '_' | '+') {
            open = false;
            continue;
        }
        let digit = c.is_ascii_digit();
        match all
            .last_mut()
            .filter(|last| open && last.starts_with(|first: char| first.is_ascii_digit()) == digit)
        {
            Some(last) => last.push(c),
            None => all.push(c.to_string()),
        }
        open = true;
    }
    all
}

fn part(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => numbers(a, b),
        (true, false) => weight("#").cmp(&weight(b)),
        (false, true) => weight(a).cmp(&weight("#")),
        (false, false) => weight(a).cmp(&weight(b)),
    }
}

/// A part that the other version has none for: a number makes it newer, a word older, but for a patch level.
fn alone(a: &str) -> Ordering {
    if is_number(a) {
        Ordering::Greater
    } else {
        weight(a).cmp(&weight("#"))
    }
}

fn weight(word: &str) -> u8 {
    let starts = |known: &str| word.get(..known.len()).is_some_and(|start| start == known);
    if starts("dev") {
        1
    } else if starts("alpha") || word == "a" {
        2
    } else if starts("beta") || word == "b" {
        3
    } else if starts("RC") || starts("rc") {
        4
    } else if starts("#") {
        5
    } else if starts("pl") || word == "p" {
        6
    } else {
        0
    }
}
