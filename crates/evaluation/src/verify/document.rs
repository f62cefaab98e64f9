//! A document prepared for many claims.

use std::collections::{HashMap, HashSet};

use super::lexicon::{Lexicon, StemId};
use super::sentences::sentences;
use super::tokens::tokens;

/// Sentences in a row that a claim is compared with.
pub(super) const WINDOW: usize = 3;

/// A document prepared for many claims.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) sentences: Vec<Sentence>,
    pub(super) lexicon: Lexicon,
    pub(super) bigrams: HashSet<(StemId, StemId)>,
    pub(super) numbers: HashSet<String>,
    /// In how many sentences each stem occurs.
    frequency: HashMap<StemId, u32>,
}

/// One sentence of a document.
#[derive(Debug)]
pub(super) struct Sentence {
    pub(super) text: String,
    /// Its stems in order.
    pub(super) stems: Vec<StemId>,
}

impl Document {
    pub(super) fn new(passages: &[String]) -> Self {
        let mut document = Self::default();
        for text in passages.iter().flat_map(|passage| sentences(passage)) {
            document.add(text);
        }
        document
    }

    fn add(&mut self, text: String) {
        let tokens = tokens(&text);
        let stems: Vec<StemId> = tokens
            .iter()
            .map(|token| self.lexicon.learn(token))
            .collect();
        self.bigrams
            .extend(stems.iter().copied().zip(stems.iter().copied().skip(1)));
        self.numbers
            .extend(tokens.iter().filter_map(|token| token.number.clone()));
        let distinct: HashSet<StemId> = stems.iter().copied().collect();
        for stem in distinct {
            *self.frequency.entry(stem).or_default() += 1;
        }
        self.sentences.push(Sentence { text, stems });
    }

    /// How telling a stem is: rare ones tell more, and one that is nowhere tells most.
    pub(super) fn weight(&self, stem: Option<StemId>) -> f64 {
        let all = u32::try_from(self.sentences.len()).unwrap_or(u32::MAX);
        let with = stem
            .and_then(|stem| self.frequency.get(&stem))
            .copied()
            .unwrap_or_default();
        1.0 + ((f64::from(all) + 1.0) / (f64::from(with) + 1.0)).ln()
    }
}
