//! The rules for text in a leaf, and how foreign text is made to fit them. Text comes from commits, names and logs, so it
//! is never trusted to be short, printable or on one line.

use super::LeafError;

/// What a field may hold; the number is the limit in bytes.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// Not empty, on one line, no control characters.
    Id(usize),
    /// On one line, no control characters; may be empty.
    Line(usize),
    /// Line feeds and tabs allowed.
    Text(usize),
}

impl Rule {
    /// The limit in bytes, whether it may be empty, and whether it may have line feeds and tabs.
    pub(super) fn limits(self) -> (usize, bool, bool) {
        match self {
            Self::Id(max) => (max, false, false),
            Self::Line(max) => (max, true, false),
            Self::Text(max) => (max, true, true),
        }
    }
}

pub(super) fn check(field: &'static str, value: &str, rule: Rule) -> Result<(), LeafError> {
    let (max, may_be_empty, lines) = rule.limits();
    let problem = if value.len() > max {
        "is too long"
    } else if value.is_empty() && !may_be_empty {
        "is empty"
    } else if value.chars().any(|c| is_refused(c, lines)) {
        "has a control character"
    } else {
        return Ok(());
    };
    Err(LeafError::Field { field, problem })
}

/// Detail keys are lower-case ASCII, so that their order is the same in every language.
pub(super) fn check_detail_key(key: &str) -> Result<(), LeafError> {
    let valid = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.')
    };
    if key.is_empty() || key.len() > 64 || !key.bytes().all(valid) {
        let problem = "has a key that is not 1 to 64 of a-z, 0-9, '_', '-' and '.'";
        return Err(LeafError::Field {
            field: "detail",
            problem,
        });
    }
    Ok(())
}

fn is_refused(c: char, lines: bool) -> bool {
    c.is_control() && !(lines && matches!(c, '\n' | '\t'))
}

/// Makes any text fit a field that allows lines (`reason`, `detail`): other control characters become `U+FFFD`, and what
/// exceeds `max` bytes is cut at a character boundary and marked with an ellipsis.
#[must_use]
pub fn fit_text(text: &str, max: usize) -> String {
    fit(text, max, true)
}

/// Makes any text fit a one-line field: as [`fit_text`], with line feeds and tabs replaced too.
#[must_use]
pub fn fit_line(text: &str, max: usize) -> String {
    fit(text, max, false)
}

fn fit(text: &str, max: usize, lines: bool) -> String {
    const ELLIPSIS: char = '…';
    let mut fitted = String::new();
    // The longest prefix after which the ellipsis still fits.
    let mut cut = 0;
    for c in text.chars() {
        let c = if is_refused(c, lines) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        };
        if fitted.len() + c.len_utf8() > max {
            fitted.truncate(cut);
            if fitted.len() + ELLIPSIS.len_utf8() <= max {
                fitted.push(ELLIPSIS);
            }
            return fitted;
        }
        fitted.push(c);
        if fitted.len() + ELLIPSIS.len_utf8() <= max {
            cut = fitted.len();
        }
    }
    fitted
}

/// `YYYY-MM-DDTHH:MM:SS.ffffffZ`, a real date, no leap second.
pub(super) fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd.ddddddZ";
    let bytes = text.as_bytes();
    let fits = |(byte, shape): (&u8, &u8)| {
        if *shape == b'd' {
            byte.is_ascii_digit()
        } else {
            byte == shape
        }
    };
    if bytes.len() != SHAPE.len() || !bytes.iter().zip(SHAPE).all(fits) {
        return false;
    }
    let number = |from: usize, to: usize| {
        text.get(from..to)
            .and_then(|part| part.parse::<u16>().ok())
            .unwrap_or(u16::MAX)
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    (1..=days_in(year, month)).contains(&day)
        && number(11, 13) < 24
        && number(14, 16) < 60
        && number(17, 19) < 60
}

fn days_in(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}
