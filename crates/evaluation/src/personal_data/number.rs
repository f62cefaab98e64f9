//! Payment cards and IBANs, each with its checksum.

use super::{Found, Kind};

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

/// Cards and IBANs: runs of letters and digits with single spaces or hyphens between.
pub(super) fn find(text: &str) -> Vec<Found> {
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
    (12..=19_usize).rev().find_map(|length| {
        let candidate = digits.get(..length)?;
        let end = candidate.last()?.1;
        let ends = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        let value: String = candidate
            .iter()
            .map(|(byte, _)| char::from(*byte))
            .collect();
        let issued = is_issued(&value, length);
        (ends && issued && luhn(&value)).then_some(Found {
            kind: Kind::Card,
            value,
            span: start..end,
        })
    })
}

/// True for a first digit and a length that card schemes use. Twelve digits are Maestro's alone; JCB's old numbers begin
/// with 2131 and 1800.
fn is_issued(value: &str, length: usize) -> bool {
    if length == 12 {
        return value.starts_with("50")
            || value.starts_with("56")
            || value.starts_with("57")
            || value.starts_with("58");
    }
    value.starts_with(['3', '4', '5', '6'])
        || is_series_two(value)
        || (length == 15 && (value.starts_with("2131") || value.starts_with("1800")))
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
    let shaped = head.iter().take(2).all(u8::is_ascii_alphabetic)
        && head.iter().skip(2).all(u8::is_ascii_digit);
    if !shaped {
        return None;
    }
    let country = std::str::from_utf8(head.get(..2)?)
        .ok()?
        .to_ascii_uppercase();
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
