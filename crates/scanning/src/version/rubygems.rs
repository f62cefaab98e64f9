//! Ruby gems: segments of numbers and of letters, a letter before every number (`Gem::Version`).

use std::cmp::Ordering;

use super::{is_number, numbers};

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (segments(one), segments(two));
    for at in 0..one.len().max(two.len()) {
        let a = one.get(at).copied().unwrap_or("0");
        let b = two.get(at).copied().unwrap_or("0");
        let order = match (is_number(a), is_number(b)) {
            (true, true) => numbers(a, b),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Runs of digits and of anything else, without the zeros that end the release and the whole.
fn segments(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for part in text.trim().split(['.', '-']) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let digit = first.is_ascii_digit();
            let end = rest
                .find(|c: char| c.is_ascii_digit() != digit)
                .unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            all.push(run);
            rest = after;
        }
    }
    let release = all
        .iter()
        .position(|one| !is_number(one))
        .unwrap_or(all.len());
    let mut build = all.split_off(release);
    for list in [&mut all, &mut build] {
        while list
            .last()
            .is_some_and(|last| last.bytes().all(|byte| byte == b'0'))
        {
            list.pop();
        }
    }
    all.append(&mut build);
    all
}
