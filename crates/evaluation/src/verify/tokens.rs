//! Words and numbers of a sentence, in order. Owns what counts as a number and what a stem is.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::stop;
use crate::text;

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// One word or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// As written, normalised.
    pub(super) text: String,
    /// Lower case.
    pub(super) lower: String,
    /// Canonical decimal of a number in digits or words.
    pub(super) number: Option<String>,
}

impl Token {
    /// True where the token is evidence by itself.
    pub(super) fn is_content(&self) -> bool {
        !stop::is_stop(&self.lower)
    }

    /// True for a word that starts with a capital.
    pub(super) fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

/// The tokens of a sentence.
pub(super) fn tokens(sentence: &str) -> Vec<Token> {
    if sentence.is_ascii() {
        split(sentence)
    } else {
        split(&text::normalise(sentence))
    }
}

fn split(sentence: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = sentence;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_digit() {
            number_end(rest)
        } else if c.is_alphabetic() {
            word_end(rest)
        } else {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        };
        let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        found.push(word_token(taken));
        rest = left;
    }
    found
}

/// Bytes of the word that a text starts with: letters, and letters after one apostrophe.
fn word_end(text: &str) -> usize {
    let letters = |text: &str| {
        text.find(|c: char| !c.is_alphabetic())
            .unwrap_or(text.len())
    };
    let end = letters(text);
    match text.get(end..).and_then(|rest| rest.strip_prefix('\'')) {
        Some(after) if after.starts_with(char::is_alphabetic) => end + 1 + letters(after),
        _ => end,
    }
}

/// Bytes of the number that a text starts with: digits and commas, and digits after one point.
fn number_end(text: &str) -> usize {
    let whole = text
        .find(|c: char| !(c.is_ascii_digit() || c == ','))
        .unwrap_or(text.len());
    match text.get(whole..).and_then(|rest| rest.strip_prefix('.')) {
        Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => {
            let digits = after
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(after.len());
            whole + 1 + digits
        }
        _ => whole,
    }
}

/// One word or number as a token.
pub(super) fn word_token(text: &str) -> Token {
    let lower = text.to_lowercase();
    let number = if text.starts_with(|c: char| c.is_ascii_digit()) {
        Some(canonical(text))
    } else {
        number_word(&lower).map(str::to_owned)
    };
    Token {
        text: text.to_owned(),
        lower,
        number,
    }
}

/// Digits without separators, leading zeros and trailing decimal zeros.
fn canonical(text: &str) -> String {
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

fn number_word(lower: &str) -> Option<&'static str> {
    #[rustfmt::skip] // a word list, read as a block
    const WORDS: &[(&str, &str)] = &[
        ("zero", "0"), ("one", "1"), ("two", "2"), ("three", "3"), ("four", "4"), ("five", "5"),
        ("six", "6"), ("seven", "7"), ("eight", "8"), ("nine", "9"), ("ten", "10"), ("eleven", "11"),
        ("twelve", "12"), ("thirteen", "13"), ("fourteen", "14"), ("fifteen", "15"),
        ("sixteen", "16"), ("seventeen", "17"), ("eighteen", "18"), ("nineteen", "19"),
        ("twenty", "20"), ("thirty", "30"), ("forty", "40"), ("fifty", "50"), ("sixty", "60"),
        ("seventy", "70"), ("eighty", "80"), ("ninety", "90"), ("hundred", "100"), ("dozen", "12"),
    ];
    WORDS
        .iter()
        .find(|(word, _)| *word == lower)
        .map(|(_, number)| *number)
}

/// Runs of capitalised words: each run's words, without possessive endings. A one-word run that only starts the sentence is
/// no name; neither is a run of function words such as `I`.
pub(super) fn name_runs(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut runs = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let mut starts_sentence = false;
    for (at, token) in tokens.iter().enumerate() {
        if token.is_capitalised() {
            if run.is_empty() {
                starts_sentence = at == 0;
            }
            run.push(bare(&token.text));
        } else {
            close(&mut run, starts_sentence, &mut runs);
        }
    }
    close(&mut run, starts_sentence, &mut runs);
    runs
}

fn close(run: &mut Vec<String>, starts_sentence: bool, runs: &mut Vec<Vec<String>>) {
    let words = std::mem::take(run);
    let only_opens = starts_sentence && words.len() == 1;
    let words: Vec<String> = words
        .into_iter()
        .filter(|word| !stop::is_stop(&word.to_lowercase()))
        .collect();
    if !words.is_empty() && !only_opens {
        runs.push(words);
    }
}

fn bare(word: &str) -> String {
    word.strip_suffix("'s")
        .or_else(|| word.strip_suffix("'S"))
        .unwrap_or(word)
        .to_owned()
}

/// The stem of a word, the canonical decimal of a number in digits.
pub(super) fn stem_of(token: &Token) -> String {
    match &token.number {
        Some(number) if token.lower.starts_with(|c: char| c.is_ascii_digit()) => number.clone(),
        _ => STEMMER.stem(&token.lower).into_owned(),
    }
}
