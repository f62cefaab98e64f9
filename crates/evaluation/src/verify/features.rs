//! The evidence for one claim as numbers.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::document::{Document, WINDOW};
use super::lexicon::StemId;
use super::tokens::{Token, is_negation, name_runs, tokens, word_token};
use super::weights;

/// How many numbers describe a claim.
pub const SIGNALS: usize = 15;

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
    /// The same with rare stems counting more.
    weighted: f64,
    /// The best share within one sentence.
    single: f64,
}

/// `min(count, limit) / limit`.
fn capped(count: usize, limit: u32) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX).min(limit)) / f64::from(limit)
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        count(part) / count(whole)
    }
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
    let inside: Vec<_> = document
        .sentences
        .iter()
        .skip(window.start)
        .take(WINDOW)
        .collect();
    let cited: HashSet<StemId> = inside
        .iter()
        .flat_map(|one| one.stems.iter().copied())
        .collect();
    let near: HashSet<(StemId, StemId)> = inside
        .iter()
        .flat_map(|one| {
            one.stems
                .iter()
                .copied()
                .zip(one.stems.iter().copied().skip(1))
        })
        .collect();
    let pairs: Vec<Option<(StemId, StemId)>> = ids
        .iter()
        .zip(ids.iter().skip(1))
        .map(|(one, two)| Some(((*one)?, (*two)?)))
        .collect();
    let known = |set: &HashSet<(StemId, StemId)>| {
        ratio(
            pairs
                .iter()
                .flatten()
                .filter(|pair| set.contains(*pair))
                .count(),
            pairs.len(),
        )
    };
    let numbers: BTreeSet<&String> = tokens
        .iter()
        .filter_map(|token| token.number.as_ref())
        .collect();
    let (here, missing_numbers): (Vec<&String>, Vec<&String>) = numbers
        .iter()
        .copied()
        .partition(|number| document.numbers.contains(*number));
    let far_numbers = here
        .iter()
        .filter(|number| !inside.iter().any(|one| one.numbers.contains(**number)))
        .count();
    let (missing_names, far_names) = names(document, &tokens, &cited);
    let denies = tokens.iter().any(|token| is_negation(&token.lower));
    let signals = [
        ratio(found, content.len()),
        window.recall,
        window.single,
        window.weighted,
        known(&document.bigrams),
        known(&near),
        capped(missing_numbers.len(), 3),
        capped(far_numbers, 3),
        capped(missing_names.len(), 3),
        capped(far_names, 3),
        count(tokens.len()).ln_1p(),
        capped(content.len() - found, 10),
        f64::from(u8::from(denies != inside.iter().any(|one| one.negated))),
        ratio(longest_run(&pairs, &near), pairs.len()),
        count(document.sentences.len()).ln_1p(),
    ];
    let citation = if window.recall > 0.0 {
        inside
            .iter()
            .map(|one| one.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        String::new()
    };
    Features {
        signals,
        missing_numbers: missing_numbers.into_iter().cloned().collect(),
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
    let total: f64 = weights.iter().sum();
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
    let single = masks
        .iter()
        .map(|mask| mask.count_ones())
        .max()
        .unwrap_or_default();
    let share = |ones: u32| ratio(usize::try_from(ones).unwrap_or_default(), content.len());
    Window {
        start: best.2,
        recall: share(best.1.count_ones()),
        weighted: if total > 0.0 { best.0 / total } else { 0.0 },
        single: share(single),
    }
}

/// The longest run of the claim's pairs that stand in the window, in pairs.
fn longest_run(pairs: &[Option<(StemId, StemId)>], near: &HashSet<(StemId, StemId)>) -> usize {
    let (mut longest, mut run) = (0, 0);
    for pair in pairs {
        run = if pair.is_some_and(|pair| near.contains(&pair)) {
            run + 1
        } else {
            0
        };
        longest = longest.max(run);
    }
    longest
}

/// The claim's names that the document lacks, and how many it has but not in the cited sentences.
fn names(document: &Document, tokens: &[Token], cited: &HashSet<StemId>) -> (Vec<String>, usize) {
    let (mut missing, mut far) = (Vec::new(), 0);
    for run in name_runs(tokens) {
        let ids: Vec<Option<StemId>> = run
            .iter()
            .map(|word| document.lexicon.find(&word_token(word)))
            .collect();
        if ids.iter().any(Option::is_none) {
            missing.push(run.join(" "));
        } else if ids.iter().flatten().any(|id| !cited.contains(id)) {
            far += 1;
        }
    }
    (missing, far)
}
