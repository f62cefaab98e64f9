//! How hostile or long text is shortened for people. Escaping is the renderer's business.

/// Cuts to at most `max` characters, with an ellipsis where something was cut.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Replaces control, bidirectional and zero-width characters by `�`, so that a name or a log line cannot hide or reorder text.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect()
}

/// True for characters that hide or reorder text.
#[must_use]
pub const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A digest as people read it: `sha256:9f2c41d0…b1e4`.
#[must_use]
pub fn short_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some((algorithm, hex)) if hex.len() > 16 && hex.is_ascii() => {
            format!("{algorithm}:{}…{}", &hex[..8], &hex[hex.len() - 4..])
        }
        _ => digest.to_owned(),
    }
}

/// A commit as people read it: seven characters.
#[must_use]
pub fn short_commit(commit: &str) -> String {
    commit.chars().take(7).collect()
}
