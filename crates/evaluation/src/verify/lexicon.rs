//! Words and stems as numbers, so that comparing many claims with one document compares no texts.

use std::collections::HashMap;

use super::tokens::{Token, stem_of};

/// A stem of one document.
pub(super) type StemId = u32;

/// The words of a document, each with its stem.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: HashMap<String, StemId>,
    stems: HashMap<String, StemId>,
}

impl Lexicon {
    /// The number of a token's stem, given if the document did not have it yet.
    pub(super) fn learn(&mut self, token: &Token) -> StemId {
        if let Some(known) = self.words.get(&token.lower) {
            return *known;
        }
        let stem = stem_of(token);
        let next = u32::try_from(self.stems.len()).unwrap_or(u32::MAX);
        let id = *self.stems.entry(stem).or_insert(next);
        self.words.insert(token.lower.clone(), id);
        id
    }

    /// The number of a token's stem, if the document has it.
    pub(super) fn find(&self, token: &Token) -> Option<StemId> {
        self.words
            .get(&token.lower)
            .or_else(|| self.stems.get(&stem_of(token)))
            .copied()
    }
}
