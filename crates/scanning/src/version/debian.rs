//! Debian: `epoch:upstream-revision` (deb-version(7)).

use std::cmp::Ordering;

use super::{is_number, numbers, split_digits};

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let ((epoch, upstream, revision), (epoch_2, upstream_2, revision_2)) = (parts(one), parts(two));
    numbers(epoch, epoch_2)
        .then_with(|| part(upstream, upstream_2))
        .then_with(|| part(revision, revision_2))
}

/// Epoch, upstream version, revision. What is missing is empty, which sorts as zero.
fn parts(text: &str) -> (&str, &str, &str) {
    let text = text.trim();
    let (epoch, rest) = text
        .split_once(':')
        .filter(|(epoch, _)| is_number(epoch))
        .unwrap_or(("", text));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

/// Runs of other characters and numbers in turn.
fn part(mut one: &str, mut two: &str) -> Ordering {
    while !one.is_empty() || !two.is_empty() {
        let (text, rest) = split_text(one);
        let (text_2, rest_2) = split_text(two);
        let (number, rest) = split_digits(rest);
        let (number_2, rest_2) = split_digits(rest_2);
        let order = letters(text, text_2).then_with(|| numbers(number, number_2));
        if order.is_ne() {
            return order;
        }
        (one, two) = (rest, rest_2);
    }
    Ordering::Equal
}

fn split_text(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// A tilde comes before the end, the end before letters, letters before everything else.
fn letters(one: &str, two: &str) -> Ordering {
    let weight = |c: Option<char>| match c {
        Some('~') => (0, '\0'),
        None => (1, '\0'),
        Some(c) if c.is_ascii_alphabetic() => (2, c),
        Some(c) => (3, c),
    };
    let (mut one, mut two) = (one.chars(), two.chars());
    loop {
        let (a, b) = (one.next(), two.next());
        let order = weight(a).cmp(&weight(b));
        if order.is_ne() || (a.is_none() && b.is_none()) {
            return order;
        }
    }
}
