//! Splits text into sentences. Owns the list of abbreviations; knows nothing of meaning.

/// Words whose full stop does not end a sentence, lower-case and without that stop.
#[rustfmt::skip] // a word list, read as a block
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "st", "jr", "sr", "vs", "no", "inc", "ltd", "co", "gen", "col",
    "sen", "rep", "prof", "e.g", "i.e", "u.s", "u.k", "a.m", "p.m",
];

/// The sentences of `text`: split at newlines, and after `.`, `!`, `?` (with closing quotes) before an upper-case letter
/// or a digit. List markers at the start of a line are dropped.
#[must_use]
pub fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        split_line(
            line.trim()
                .trim_start_matches(['-', '*', '•', '#', '>'])
                .trim_start(),
            &mut found,
        );
    }
    found
}

fn split_line(line: &str, found: &mut Vec<String>) {
    let chars: Vec<char> = line.chars().collect();
    let mut start = 0;
    let mut at = 0;
    while at < chars.len() {
        if !matches!(chars.get(at), Some('.' | '!' | '?')) {
            at += 1;
            continue;
        }
        let stop = at;
        at += 1;
        while matches!(
            chars.get(at),
            Some('.' | '!' | '?' | '"' | '\'' | '”' | '’' | ')' | ']')
        ) {
            at += 1;
        }
        let mut next = at;
        while chars.get(next).is_some_and(|c| c.is_whitespace()) {
            next += 1;
        }
        let opened = next
            + chars
                .iter()
                .skip(next)
                .take_while(|c| matches!(c, '"' | '“' | '‘' | '('))
                .count();
        let begins = chars
            .get(opened)
            .is_some_and(|c| c.is_uppercase() || c.is_numeric());
        if next > at && begins && !is_abbreviation(&chars, start, stop) {
            push(&chars, start, at, found);
            start = next;
        }
    }
    push(&chars, start, chars.len(), found);
}

/// True if the word that ends at the stop is one whose stop does not count.
fn is_abbreviation(chars: &[char], start: usize, stop: usize) -> bool {
    if chars.get(stop) != Some(&'.') {
        return false;
    }
    let word: String = chars
        .get(start..stop)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|c| c.is_alphanumeric() || **c == '.')
        .take(8)
        .collect();
    let word: String = word.chars().rev().flat_map(char::to_lowercase).collect();
    ABBREVIATIONS.contains(&word.as_str())
}

fn push(chars: &[char], start: usize, end: usize, found: &mut Vec<String>) {
    let sentence: String = chars.get(start..end).unwrap_or_default().iter().collect();
    let sentence = sentence.trim();
    if sentence.chars().any(char::is_alphanumeric) {
        found.push(sentence.to_owned());
    }
}
