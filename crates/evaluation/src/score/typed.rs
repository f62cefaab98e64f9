//! Answers with a type: a number within a tolerance, a date in any usual form, a set in any order.

use std::collections::BTreeSet;

use super::Score;
use super::words::words;
use crate::text::quote;

/// Some number of the answer is within the tolerance.
pub(super) fn number(answer: &str, wanted: f64, tolerance: f64) -> Score {
    let found: Vec<f64> = numbers(answer);
    match found.iter().find(|n| (**n - wanted).abs() <= tolerance) {
        Some(n) => Score::yes(format!("{n} is within {tolerance} of {wanted}")),
        None => Score::no(format!("no number within {tolerance} of {wanted}")),
    }
}

/// The numbers of a text: digits with separators of thousands, a decimal point and a sign.
fn numbers(text: &str) -> Vec<f64> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if !c.is_ascii_digit() {
            at += 1;
            continue;
        }
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        let negative = matches!(before, Some('-' | '\u{2212}'))
            && !at
                .checked_sub(2)
                .and_then(|i| chars.get(i))
                .is_some_and(|c| c.is_alphanumeric());
        let start = at;
        while chars.get(at).is_some_and(|c| {
            c.is_ascii_digit()
                || (matches!(c, ',' | '.') && chars.get(at + 1).is_some_and(char::is_ascii_digit))
        }) {
            at += 1;
        }
        let digits: String = chars
            .get(start..at)
            .unwrap_or_default()
            .iter()
            .filter(|c| **c != ',')
            .collect();
        if let Ok(value) = digits.parse::<f64>() {
            found.push(if negative { -value } else { value });
        }
    }
    found
}

/// A day, as (year, month, day).
pub(super) type Day = (u32, u32, u32);

/// The day is somewhere in the answer, whatever its form: 2026-03-05, 5 March 2026, March 5th, 2026.
pub(super) fn date(answer: &str, wanted: Day) -> Score {
    if days(answer).contains(&wanted) {
        Score::yes("the date is there")
    } else {
        let (year, month, day) = wanted;
        Score::no(format!(
            "the date {year:04}-{month:02}-{day:02} is not there"
        ))
    }
}

/// Days written out in a text. A form whose order of day and month is a guess (05/03/2026) is no date here.
pub(super) fn days(text: &str) -> Vec<Day> {
    let words = words(text);
    let mut found = Vec::new();
    for three in words.windows(3) {
        let [one, two, three] = three else { continue };
        let number = |word: &str| {
            word.trim_end_matches(|c: char| c.is_alphabetic())
                .parse::<u32>()
                .ok()
        };
        let day = match (
            number(one),
            month(one),
            number(two),
            month(two),
            number(three),
        ) {
            (Some(year), None, Some(month), None, Some(day)) if one.len() == 4 => {
                (year, month, day)
            }
            (Some(day), None, _, Some(month), Some(year)) => (year, month, day),
            (_, Some(month), Some(day), None, Some(year)) => (year, month, day),
            _ => continue,
        };
        if (1000..=9999).contains(&day.0) && (1..=12).contains(&day.1) && (1..=31).contains(&day.2)
        {
            found.push(day);
        }
    }
    found
}

fn month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = NAMES
        .iter()
        .position(|name| *name == word || (word.len() >= 3 && name.starts_with(word)))?;
    u32::try_from(at + 1).ok()
}

/// The items of the answer, split at commas, semicolons, lines and "and", are exactly the wanted ones.
pub(super) fn set(answer: &str, wanted: &[String]) -> Score {
    let tidy = |item: &str| words(item).join(" ");
    let found: BTreeSet<String> = answer
        .split(['\n', ',', ';'])
        .flat_map(|part| part.split(" and "))
        .map(tidy)
        .map(|item| {
            item.strip_prefix("and ")
                .map_or(item.clone(), str::to_owned)
        })
        .filter(|item| !item.is_empty())
        .collect();
    let wanted: BTreeSet<String> = wanted.iter().map(|item| tidy(item)).collect();
    match (
        wanted.difference(&found).next(),
        found.difference(&wanted).next(),
    ) {
        (None, None) => Score::yes("the set is as expected"),
        (Some(missing), _) => Score::no(format!("{} is missing", quote(missing))),
        (None, Some(extra)) => Score::no(format!("{} is too much", quote(extra))),
    }
}
