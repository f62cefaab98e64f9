//! Structured personal data in text: e-mail addresses, payment cards and IBANs, each with its checksum where it has one.
//! Names, addresses and telephone numbers in free text are not claimed.

use std::collections::BTreeSet;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address of a person; role addresses such as `support@` are not personal.
    Email,
    /// A payment card number that passes the Luhn check.
    Card,
    /// An IBAN whose check digits are right.
    Iban,
}

impl Kind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Card => "payment card number",
            Self::Iban => "IBAN",
        }
    }

    /// The stable id of the check that reports it.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Email => "personal-data-email",
            Self::Card => "personal-data-card",
            Self::Iban => "personal-data-iban",
        }
    }
}

/// One piece of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its value without separators, lower-case, for comparison.
    pub value: String,
    /// The bytes of the text that it takes.
    pub span: std::ops::Range<usize>,
}

/// Mailboxes that belong to a role and not to a person.
#[rustfmt::skip] // a word list, read as a block
const ROLES: &[&str] = &[
    "admin", "billing", "contact", "hello", "help", "info", "no-reply", "noreply", "office",
    "press", "privacy", "sales", "security", "service", "support", "team",
];

/// The length of an IBAN by country.
#[rustfmt::skip] // a table, read by country
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16),
    ("BG", 22), ("BH", 22), ("BR", 29), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24),
    ("DE", 22), ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18),
    ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27),
    ("GT", 28), ("HR", 21), ("HU", 28), ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26),
    ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28), ("LC", 32), ("LI", 21),
    ("LT", 20), ("LU", 20), ("LV", 21), ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22),
    ("MK", 19), ("MR", 27), ("MT", 31), ("MU", 30), ("NL", 18), ("NO", 15), ("PK", 24),
    ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22), ("SA", 24),
    ("SC", 31), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("ST", 25), ("SV", 28),
    ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20),
];

/// Everything found in `text`, in order.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    let mut found = emails(text);
    found.extend(numbers(text));
    found.sort_by_key(|one| one.span.start);
    found
}

/// What `answer` has and `prompt` has not: personal data that the user did not bring.
#[must_use]
pub fn leaked(prompt: &str, answer: &str) -> Vec<Found> {
    let known: BTreeSet<String> = find(prompt).into_iter().map(|one| one.value).collect();
    find(answer)
        .into_iter()
        .filter(|one| !known.contains(&one.value))
        .collect()
}

/// `text` with everything in `found` replaced by its kind in brackets, so that evidence does not repeat a leak.
#[must_use]
pub fn redact(text: &str, found: &[Found]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for one in found {
        if one.span.start >= at {
            out.push_str(text.get(at..one.span.start).unwrap_or_default());
            out.push('[');
            out.push_str(one.kind.label());
            out.push(']');
            at = one.span.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn emails(text: &str) -> Vec<Found> {
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let (before, after) = text.split_at(at);
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| local(*c))
            .last()
            .map_or(at, |(start, _)| start);
        let after = after.get(1..).unwrap_or_default();
        let length = after.find(|c: char| !domain(c)).unwrap_or(after.len());
        let host = after
            .get(..length)
            .unwrap_or_default()
            .trim_end_matches(['.', '-']);
        let name = before
            .get(start..)
            .unwrap_or_default()
            .trim_start_matches(['.', '\'', '-']);
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        let plausible =
            !name.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
        if plausible && !ROLES.contains(&name.to_lowercase().as_str()) {
            let span = at - name.len()..at + 1 + host.len();
            found.push(Found {
                kind: Kind::Email,
                value: format!("{name}@{host}").to_lowercase(),
                span,
            });
        }
    }
    found
}

/// Cards and IBANs: runs of letters and digits with single spaces or hyphens between.
fn numbers(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let boundary = at == 0 || !bytes.get(at - 1).is_some_and(u8::is_ascii_alphanumeric);
        let one = if boundary {
            iban_at(bytes, at).or_else(|| card_at(bytes, at))
        } else {
            None
        };
        match one {
            Some(one) => {
                at = one.span.end;
                found.push(one);
            }
            None => at += 1,
        }
    }
    found
}

/// The alphanumeric characters from `start`, up to `limit` of them, skipping single separators; each with its end.
fn run(bytes: &[u8], start: usize, limit: usize) -> Vec<(u8, usize)> {
    let mut taken: Vec<(u8, usize)> = Vec::new();
    let mut at = start;
    while let Some(byte) = bytes.get(at).copied() {
        if byte.is_ascii_alphanumeric() {
            if taken.len() == limit {
                break;
            }
            taken.push((byte.to_ascii_lowercase(), at + 1));
        } else if !matches!(byte, b' ' | b'-')
            || !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
        {
            break;
        }
        at += 1;
    }
    taken
}

fn card_at(bytes: &[u8], start: usize) -> Option<Found> {
    let digits: Vec<(u8, usize)> = run(bytes, start, 20)
        .into_iter()
        .take_while(|(byte, _)| byte.is_ascii_digit())
        .collect();
    // The longest candidate that ends where a number ends.
    (13..=19_usize).rev().find_map(|length| {
        let candidate = digits.get(..length)?;
        let end = candidate.last()?.1;
        let ends = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        let value: String = candidate
            .iter()
            .map(|(byte, _)| char::from(*byte))
            .collect();
        let issued = value.starts_with(['3', '4', '5', '6']) || is_series_two(&value);
        (ends && issued && luhn(&value)).then_some(Found {
            kind: Kind::Card,
            value,
            span: start..end,
        })
    })
}

/// Mastercard's second series, 2221 to 2720.
fn is_series_two(value: &str) -> bool {
    value
        .get(..4)
        .and_then(|head| head.parse::<u32>().ok())
        .is_some_and(|head| (2221..=2720).contains(&head))
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([false, true].into_iter().cycle())
        .map(|(digit, double)| match (double, digit * 2) {
            (false, _) => digit,
            (true, twice) if twice > 9 => twice - 9,
            (true, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn iban_at(bytes: &[u8], start: usize) -> Option<Found> {
    let head = bytes.get(start..start + 4)?;
    let shaped = head.iter().take(2).all(u8::is_ascii_uppercase)
        && head.iter().skip(2).all(u8::is_ascii_digit);
    if !shaped {
        return None;
    }
    let country = std::str::from_utf8(head.get(..2)?).ok()?;
    let length = *IBAN_LENGTHS
        .iter()
        .find(|(code, _)| *code == country)
        .map(|(_, length)| length)?;
    let candidate = run(bytes, start, length);
    let end = candidate.get(length - 1)?.1;
    let ends = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let value: String = candidate
        .iter()
        .map(|(byte, _)| char::from(*byte))
        .collect();
    (ends && mod_97(&value) == Some(1)).then_some(Found {
        kind: Kind::Iban,
        value,
        span: start..end,
    })
}

/// The remainder that ISO 7064 checks: the first four characters moved to the end, letters as 10 to 35.
fn mod_97(iban: &str) -> Option<u32> {
    let (head, tail) = iban.split_at_checked(4)?;
    tail.chars()
        .chain(head.chars())
        .try_fold(0_u32, |remainder, c| {
            let value = c.to_digit(36)?;
            Some(if value > 9 {
                (remainder * 100 + value) % 97
            } else {
                (remainder * 10 + value) % 97
            })
        })
}
