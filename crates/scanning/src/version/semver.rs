//! Semantic versions (semver.org 2.0.0), read leniently: a leading `v`, missing and superfluous numbers.

use std::cmp::Ordering;

use super::{is_number, numbers, split_digits};

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    compare_up_to(one, two, 3)
}

/// With the first `count` numbers; those behind them are part of the build, which has no order.
pub(super) fn compare_up_to(one: &str, two: &str, count: usize) -> Ordering {
    let ((core, pre), (core_2, pre_2)) = (parts(one), parts(two));
    for at in 0..count {
        let (a, b) = (core.get(at).copied(), core_2.get(at).copied());
        let order = numbers(a.unwrap_or_default(), b.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
    }
    match (pre, pre_2) {
        ("", "") => Ordering::Equal,
        ("", _) => Ordering::Greater,
        (_, "") => Ordering::Less,
        (pre, pre_2) => identifiers(pre, pre_2),
    }
}

/// The numbers, and what comes before them in order.
fn parts(text: &str) -> (Vec<&str>, &str) {
    let text = text.trim();
    let mut rest = text.strip_prefix('v').unwrap_or(text);
    let mut core = Vec::new();
    loop {
        let (digits, after) = split_digits(rest);
        if !digits.is_empty() {
            core.push(digits);
        }
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None => {
                let pre = after.split('+').next().unwrap_or_default();
                return (core, pre.strip_prefix('-').unwrap_or(pre));
            }
        }
    }
}

fn identifiers(one: &str, two: &str) -> Ordering {
    let (mut one, mut two) = (one.split('.'), two.split('.'));
    loop {
        let order = match (one.next(), two.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => numbers(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}
