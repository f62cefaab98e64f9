//! Small text operations that several judges share.

use unicode_normalization::UnicodeNormalization;

/// Compatibility-normalised text with plain apostrophes, so that what looks the same compares the same.
pub(crate) fn normalise(text: &str) -> String {
    text.nfkc()
        .map(|c| {
            if matches!(c, '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{ff07}') {
                '\''
            } else {
                c
            }
        })
        .collect()
}

/// Normalised and lower-cased, for comparisons that ignore case.
pub(crate) fn fold(text: &str) -> String {
    normalise(text).to_lowercase()
}

/// A value in quotation marks, cut.
pub(crate) fn quote(wanted: &str) -> String {
    format!("“{}”", cut(wanted, 80))
}

/// Cuts to at most `limit` characters and marks the cut.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text
            .chars()
            .take(limit.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}

/// True for characters that take no room on a screen and are used to hide or break up text.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
