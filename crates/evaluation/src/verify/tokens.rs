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
    /// Stem of a word, canonical decimal of a number in digits.
    pub(super) stem: String,
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
    let chars: Vec<char> = text::normalise(sentence).chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let end = if c.is_ascii_digit() {
            number_end(&chars, at)
        } else if c.is_alphabetic() {
            word_end(&chars, at)
        } else {
            at += 1;
            continue;
        };
        found.push(token(
            chars.get(at..end).unwrap_or_default().iter().collect(),
        ));
        at = end;
    }
    found
}

fn word_end(chars: &[char], start: usize) -> usize {
    let letters = |from: usize| {
        from + chars
            .iter()
            .skip(from)
            .take_while(|c| c.is_alphabetic())
            .count()
    };
    let end = letters(start);
    if chars.get(end) == Some(&'\'') && chars.get(end + 1).is_some_and(|c| c.is_alphabetic()) {
        return letters(end + 1);
    }
    end
}

fn number_end(chars: &[char], start: usize) -> usize {
    let whole = start
        + chars
            .iter()
            .skip(start)
            .take_while(|c| c.is_ascii_digit() || **c == ',')
            .count();
    if chars.get(whole) == Some(&'.') && chars.get(whole + 1).is_some_and(char::is_ascii_digit) {
        return whole
            + 1
            + chars
                .iter()
                .skip(whole + 1)
                .take_while(|c| c.is_ascii_digit())
                .count();
    }
    whole
}

fn token(text: String) -> Token {
    let lower = text.to_lowercase();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let number = canonical(&text);
        return Token {
            text,
            lower,
            stem: number.clone(),
            number: Some(number),
        };
    }
    let stem = STEMMER.stem(&lower).into_owned();
    let number = number_word(&lower).map(str::to_owned);
    Token {
        text,
        lower,
        stem,
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

/// The stem of a name's word.
pub(super) fn stem_of(lower: &str) -> String {
    STEMMER.stem(lower).into_owned()
}
