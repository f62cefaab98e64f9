//! The evidence for one claim as numbers, and the published weights that make a score of them.

use std::collections::BTreeSet;

use super::sentences::sentences;
use super::tokens::{Token, name_runs, stem_of, tokens};

/// A document prepared for many claims.
#[derive(Debug)]
pub(super) struct Document {
    sentences: Vec<Sentence>,
    stems: BTreeSet<String>,
    words: BTreeSet<String>,
    bigrams: BTreeSet<(String, String)>,
    numbers: BTreeSet<String>,
}

#[derive(Debug)]
struct Sentence {
    text: String,
    stems: BTreeSet<String>,
}

/// What speaks for and against one claim.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Features {
    /// Share of the claim's content stems in the document.
    pub(super) recall: f64,
    /// The same in the best three sentences in a row.
    pub(super) window_recall: f64,
    /// Share of the claim's stem pairs in the document.
    pub(super) bigrams: f64,
    /// `ln(1 + tokens)`.
    pub(super) length: f64,
    /// Content stems of the claim that the document lacks.
    pub(super) missing_stems: usize,
    pub(super) missing_numbers: Vec<String>,
    pub(super) missing_names: Vec<String>,
    /// The best three sentences.
    pub(super) citation: String,
}

impl Features {
    /// Probability that the claim is supported: a logistic model with published weights.
    pub(super) fn score(&self) -> f64 {
        let z = -1.702 + 0.431 * self.recall + 3.181 * self.window_recall + 0.548 * self.bigrams
            - 5.181 * capped(self.missing_numbers.len(), 3)
            - 2.086 * capped(self.missing_names.len(), 3)
            + 0.124 * self.length
            - 0.533 * capped(self.missing_stems, 10);
        1.0 / (1.0 + (-z).exp())
    }
}

/// `min(count, limit) / limit`.
fn capped(count: usize, limit: u32) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX).min(limit)) / f64::from(limit)
}

impl Document {
    pub(super) fn new(passages: &[String]) -> Self {
        let mut document = Self {
            sentences: Vec::new(),
            stems: BTreeSet::new(),
            words: BTreeSet::new(),
            bigrams: BTreeSet::new(),
            numbers: BTreeSet::new(),
        };
        for text in passages.iter().flat_map(|passage| sentences(passage)) {
            let tokens = tokens(&text);
            document.bigrams.extend(pairs(&tokens));
            document
                .words
                .extend(tokens.iter().map(|token| token.lower.clone()));
            document
                .numbers
                .extend(tokens.iter().filter_map(|token| token.number.clone()));
            let stems: BTreeSet<String> = tokens.into_iter().map(|token| token.stem).collect();
            document.stems.extend(stems.iter().cloned());
            document.sentences.push(Sentence { text, stems });
        }
        document
    }

    pub(super) fn compare(&self, claim: &str) -> Features {
        let tokens = tokens(claim);
        let content: BTreeSet<&str> = tokens
            .iter()
            .filter(|token| token.is_content())
            .map(|token| token.stem.as_str())
            .collect();
        let found = content
            .iter()
            .filter(|stem| self.stems.contains(**stem))
            .count();
        let (window_recall, citation) = self.best_window(&content);
        let pairs: Vec<_> = pairs(&tokens).collect();
        let known = pairs
            .iter()
            .filter(|pair| self.bigrams.contains(*pair))
            .count();
        let words = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
        Features {
            recall: ratio(found, content.len()),
            window_recall,
            bigrams: ratio(known, pairs.len()),
            length: f64::from(words).ln_1p(),
            missing_stems: content.len() - found,
            missing_numbers: self.missing_numbers(&tokens),
            missing_names: self.missing_names(&tokens),
            citation,
        }
    }

    /// The best share of the stems within three sentences in a row, and those sentences.
    fn best_window(&self, content: &BTreeSet<&str>) -> (f64, String) {
        let mut best = (0, 0);
        for at in 0..self.sentences.len() {
            let window = || self.sentences.iter().skip(at).take(3);
            let hits = content
                .iter()
                .filter(|stem| window().any(|one| one.stems.contains(**stem)))
                .count();
            if hits > best.0 {
                best = (hits, at);
            }
        }
        let citation: Vec<&str> = self
            .sentences
            .iter()
            .skip(best.1)
            .take(3)
            .map(|one| one.text.as_str())
            .collect();
        (
            ratio(best.0, content.len()),
            if best.0 == 0 {
                String::new()
            } else {
                citation.join(" ")
            },
        )
    }

    fn missing_numbers(&self, tokens: &[Token]) -> Vec<String> {
        let numbers: BTreeSet<&String> = tokens
            .iter()
            .filter_map(|token| token.number.as_ref())
            .collect();
        numbers
            .into_iter()
            .filter(|number| !self.numbers.contains(*number))
            .cloned()
            .collect()
    }

    fn missing_names(&self, tokens: &[Token]) -> Vec<String> {
        let known = |word: &String| {
            let lower = word.to_lowercase();
            self.words.contains(&lower) || self.stems.contains(&stem_of(&lower))
        };
        name_runs(tokens)
            .into_iter()
            .filter(|run| !run.iter().all(known))
            .map(|run| run.join(" "))
            .collect()
    }
}

fn pairs(tokens: &[Token]) -> impl Iterator<Item = (String, String)> {
    tokens
        .iter()
        .zip(tokens.iter().skip(1))
        .map(|(one, two)| (one.stem.clone(), two.stem.clone()))
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 {
        0.0
    } else {
        number(part) / number(whole)
    }
}
