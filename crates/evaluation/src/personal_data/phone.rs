//! Telephone numbers: in international form, in a national form that is told by its grouping, or named as one by a word
//! beside it. A bare run of digits is none: order numbers look the same.

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Kind};

/// Bytes before and after a number in which a word may name it.
const BEFORE: usize = 44;
const AFTER: usize = 12;

/// Digits in groups, with a plus, brackets and an extension.
static CANDIDATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)[+(]?[0-9](?:[ .\-/]?[()]?[ .\-/]?[0-9]){5,16}(?:\s?(?:x|ext\.?)\s?[0-9]{1,5})?",
    )
    .ok()
});
/// The North American form: 3-3-4.
static AMERICAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:\+?1|001)[ .\-]?)?(?:\([0-9]{3}\) ?|[0-9]{3}[ .\-])[0-9]{3}[ .\-][0-9]{4}$")
        .ok()
});
/// National forms that begin with the trunk prefix 0.
static TRUNK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^0[0-9]{1,4}(?:[ .\-/][0-9]{2,4}){1,4}$|^0[0-9]{1,4} [0-9]{6,8}$|^\(0[0-9]{1,3}\) ?[0-9]{3,4}[ -]?[0-9]{3,4}$",
    )
    .ok()
});
static NAMED_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:phone|call|tel|mobile|cell|fax|desk|answering at|messages? (?:to|on)|contact|reach|registered|text me|ring|number)\b[^0-9]{0,24}$",
    )
    .ok()
});
static NAMED_AFTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^\W{0,3}(?:fax|office|mobile|desk|home|cell|work)\b").ok());
/// Words that name another kind of number.
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:zip|postal|order|licen[sc]e|account|card|ssn|security|iban|invoice|ref(?:erence)?|id|case|parcel|tracking)\b[^0-9]{0,24}$",
    )
    .ok()
});

pub(super) fn find(text: &str) -> Vec<Found> {
    let Some(candidate) = CANDIDATE.as_ref() else {
        return Vec::new();
    };
    candidate
        .find_iter(text)
        .filter(|found| stands_alone(text, found.range()))
        .filter_map(|found| {
            let core = core(found.as_str());
            let digits: String = core.chars().filter(char::is_ascii_digit).collect();
            is_phone(text, found.range(), core, digits.len()).then(|| Found {
                kind: Kind::Phone,
                value: digits,
                span: found.range(),
            })
        })
        .collect()
}

/// True for numbers that are free to call and therefore belong to no person.
pub(super) fn is_free(digits: &str) -> bool {
    [
        "0800", "00800", "1800", "1888", "1877", "1866", "1855", "1844", "1833", "44800", "49800",
    ]
    .iter()
    .any(|prefix| digits.starts_with(prefix))
        || (digits.len() == 10
            && ["800", "888", "877", "866", "855", "844", "833"]
                .iter()
                .any(|prefix| digits.starts_with(prefix)))
}

/// The number without its extension.
fn core(text: &str) -> &str {
    let end = text.find(['x', 'X', 'e', 'E']).unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim_end()
}

/// True if the digits are not a part of a longer word, number or address.
fn stands_alone(text: &str, span: std::ops::Range<usize>) -> bool {
    let before: Vec<char> = text
        .get(..span.start)
        .unwrap_or_default()
        .chars()
        .rev()
        .take(2)
        .collect();
    let mut after = text.get(span.end..).unwrap_or_default().chars();
    let joined = match before.as_slice() {
        [c, ..] if c.is_alphanumeric() || matches!(c, '+' | '@' | '_') => true,
        ['-' | '.' | '/' | '#', c] => c.is_alphanumeric(),
        _ => false,
    };
    let next = after.next();
    let continues = match next {
        Some('.' | '-' | '/') => after.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c.is_alphanumeric() || matches!(c, '@' | '%'),
        None => false,
    };
    !joined && !continues
}

fn is_phone(text: &str, span: std::ops::Range<usize>, core: &str, digits: usize) -> bool {
    if core.matches('(').count() != core.matches(')').count() {
        return false;
    }
    let is = |pattern: &LazyLock<Option<Regex>>, text: &str| {
        pattern
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(text))
    };
    if (core.starts_with('+') && (8..=15).contains(&digits))
        || (core.starts_with("001") && digits == 13)
        || is(&AMERICAN, core)
        || ((9..=11).contains(&digits) && is(&TRUNK, core))
    {
        return true;
    }
    let before = near(text, span.start.saturating_sub(BEFORE), span.start);
    let after = near(text, span.end, span.end + AFTER);
    (7..=13).contains(&digits)
        && !is(&OTHER, before)
        && (is(&NAMED_BEFORE, before) || is(&NAMED_AFTER, after))
}

/// The text between two byte positions, moved to the characters that they fall into.
fn near(text: &str, start: usize, end: usize) -> &str {
    let start = (start..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len());
    let end = (start..=end.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(start);
    text.get(start..end).unwrap_or_default()
}
