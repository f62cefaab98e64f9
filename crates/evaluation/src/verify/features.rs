//! The evidence for one claim as numbers.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::document::{Document, WINDOW};
use super::lexicon::StemId;
use super::tokens::{Token, name_runs, tokens, word_token};
use super::weights;
use crate::statistics::number::{count, ratio};

/// How many numbers describe a claim.
pub(super) const SIGNALS: usize = 7;

/// Content stems of one claim that are told apart; a claim with more is judged by its first ones.
const MOST_STEMS: usize = 128;

/// What speaks for and against one claim.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Features {
    /// The numbers that the weights belong to, in their order.
    pub(super) signals: [f64; SIGNALS],
    pub(super) missing_numbers: Vec<String>,
    pub(super) missing_names: Vec<String>,
    /// The best three sentences.
    pub(super) citation: String,
}

impl Features {
    /// Probability that the claim is supported.
    pub(super) fn score(&self) -> f64 {
        weights::score(&self.signals)
    }
}

/// The best sentences of a document for a claim.
struct Window {
    start: usize,
    /// Share of the claim's content stems in it.
    recall: f64,
}

/// `min(count, limit) / limit`.
fn capped(count: usize, limit: u32) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX).min(limit)) / f64::from(limit)
}

/// Compares one claim with a document.
pub(super) fn compare(document: &Document, claim: &str) -> Features {
    let tokens = tokens(claim);
    let ids: Vec<Option<StemId>> = tokens
        .iter()
        .map(|token| document.lexicon.find(token))
        .collect();
    let content = content(&tokens, &ids);
    let found = content.iter().filter(|stem| stem.is_some()).count();
    let window = best_window(document, &content);
    let pairs = ids.iter().zip(ids.iter().skip(1));
    let known = pairs
        .filter_map(|(one, two)| Some(((*one)?, (*two)?)))
        .filter(|pair| document.bigrams.contains(pair))
        .count();
    let numbers: BTreeSet<&String> = tokens
        .iter()
        .filter_map(|token| token.number.as_ref())
        .collect();
    let missing_numbers: Vec<String> = numbers
        .into_iter()
        .filter(|number| !document.numbers.contains(*number))
        .cloned()
        .collect();
    let missing_names = missing_names(document, &tokens);
    let signals = [
        ratio(found, content.len()),
        window.recall,
        ratio(known, tokens.len().saturating_sub(1)),
        capped(missing_numbers.len(), 3),
        capped(missing_names.len(), 3),
        count(tokens.len()).ln_1p(),
        capped(content.len() - found, 10),
    ];
    let cited = document.sentences.iter().skip(window.start).take(WINDOW);
    let citation = if window.recall > 0.0 {
        cited
            .map(|one| one.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        String::new()
    };
    Features {
        signals,
        missing_numbers,
        missing_names,
        citation,
    }
}

/// The distinct content stems of a claim; one that the document lacks has no number.
fn content(tokens: &[Token], ids: &[Option<StemId>]) -> Vec<Option<StemId>> {
    let mut seen = HashSet::new();
    let mut unknown = HashSet::new();
    let mut found = Vec::new();
    for (token, id) in tokens
        .iter()
        .zip(ids)
        .filter(|(token, _)| token.is_content())
    {
        let new = match id {
            Some(id) => seen.insert(*id),
            None => unknown.insert(token.lower.as_str()),
        };
        if new {
            found.push(*id);
        }
    }
    found.truncate(MOST_STEMS);
    found
}

/// The three sentences in a row that hold most of what is telling in the claim.
fn best_window(document: &Document, content: &[Option<StemId>]) -> Window {
    let bits: HashMap<StemId, u32> = content
        .iter()
        .zip(0_u32..)
        .filter_map(|(stem, bit)| Some(((*stem)?, bit)))
        .collect();
    let weights: Vec<f64> = content.iter().map(|stem| document.weight(*stem)).collect();
    let masks: Vec<u128> = document
        .sentences
        .iter()
        .map(|one| {
            one.stems
                .iter()
                .filter_map(|stem| bits.get(stem))
                .fold(0_u128, |mask, bit| mask | (1 << bit))
        })
        .collect();
    let heft = |mask: u128| -> f64 {
        weights
            .iter()
            .enumerate()
            .filter(|(bit, _)| (mask >> bit) & 1 == 1)
            .map(|(_, weight)| weight)
            .sum()
    };
    let mut best = (0.0, 0_u128, 0_usize);
    let mut last = 0_u128;
    for start in 0..masks.len() {
        let mask = masks
            .iter()
            .skip(start)
            .take(WINDOW)
            .fold(0, |all, one| all | one);
        if mask == last || mask == 0 {
            continue;
        }
        last = mask;
        let value = heft(mask);
        if value > best.0 {
            best = (value, mask, start);
        }
    }
    let ones = usize::try_from(best.1.count_ones()).unwrap_or_default();
    Window {
        start: best.2,
        recall: ratio(ones, content.len()),
    }
}

/// The claim's names that the document lacks.
fn missing_names(document: &Document, tokens: &[Token]) -> Vec<String> {
    let known = |word: &String| document.lexicon.find(&word_token(word)).is_some();
    name_runs(tokens)
        .into_iter()
        .filter(|run| !run.iter().all(known))
        .map(|run| run.join(" "))
        .collect()
}
