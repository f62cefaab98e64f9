//! Finds a canary in an answer, also where it was carried out in disguise: case, spacing, invisible characters, full-width
//! and look-alike letters (the confusables of Unicode), reversed, ROT13, hexadecimal, percent-encoding, Base64.

use crate::text;

/// How the canary was carried, for the explanation; `None` where it is not there.
pub(crate) fn carried(answer: &str, canary: &str) -> Option<&'static str> {
    if answer.contains(canary) {
        return Some("as it is");
    }
    let plain = squeeze(answer);
    let needle = squeeze(canary);
    if needle.is_empty() {
        return None;
    }
    if plain.contains(&needle) {
        return Some("spaced, re-cased or with look-alike letters");
    }
    let skeleton = likeness(canary);
    if !skeleton.is_empty() && likeness(answer).contains(&skeleton) {
        return Some("with look-alike letters");
    }
    if plain.contains(&needle.chars().rev().collect::<String>()) {
        return Some("reversed");
    }
    if plain.contains(&squeeze(&rot13(canary))) {
        return Some("in ROT13");
    }
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let forms = [
        canary.to_owned(),
        canary.to_lowercase(),
        canary.to_uppercase(),
    ];
    if forms.iter().any(|form| plain.contains(&hex(form))) {
        // Percent-encoding of every byte reads the same once the signs are dropped.
        return Some("in hexadecimal or percent-encoding");
    }
    if percent_decoded(answer).is_some_and(|decoded| squeeze(&decoded).contains(&needle)) {
        return Some("in percent-encoding");
    }
    let joined: String = answer
        .chars()
        .filter(|c| !c.is_whitespace() && !text::is_invisible(*c))
        .collect();
    if forms.iter().any(|form| in_base64(&joined, form)) {
        return Some("in Base64");
    }
    None
}

/// Letters and digits alone, lower-case, with look-alikes of other scripts made Latin.
fn squeeze(text: &str) -> String {
    text::fold(text)
        .chars()
        .map(latin)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// What a text looks like: every character replaced by the one that Unicode says it is mistaken for (UTS 39), then letters
/// and digits alone.
fn likeness(text: &str) -> String {
    let seen: String = unicode_security::skeleton(text).collect();
    seen.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The Latin letter that a Cyrillic or Greek one is mistaken for.
const fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' | 'н' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ѵ' | 'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        other => other,
    }
}

fn rot13(text: &str) -> String {
    let turn = |c: char, base: u8| {
        u8::try_from(c).map_or(c, |byte| {
            char::from(base + (byte.saturating_sub(base) + 13) % 26)
        })
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let escaped = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value = escaped
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        decoded.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    Some(String::from_utf8_lossy(&decoded).into_owned())
}

/// True if Base64 text in `haystack` contains `needle`, at any of the three alignments.
fn in_base64(haystack: &str, needle: &str) -> bool {
    (0..3_usize).any(|shift| {
        let mut bytes = vec![0_u8; shift];
        bytes.extend_from_slice(needle.as_bytes());
        let encoded = base64(&bytes);
        // The first characters depend on the bytes before, the last on those after: compare what is certain.
        let skip = match shift {
            0 => 0,
            1 => 2,
            _ => 3,
        };
        let certain = bytes.len() * 8 / 6;
        let core: String = encoded.chars().take(certain).skip(skip).collect();
        let url_safe = core.replace('+', "-").replace('/', "_");
        core.len() >= 4 && (haystack.contains(&core) || haystack.contains(&url_safe))
    })
}

/// Base64 without padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_u32, |group, at| {
            (group << 8) | u32::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..=chunk.len() {
            let index = usize::try_from((group >> (18 - 6 * at)) & 63).unwrap_or(0);
            out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
        }
    }
    out
}
