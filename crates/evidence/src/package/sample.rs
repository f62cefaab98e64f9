//! Which events an auditor looks at: chosen by a seed, so that neither of the two sides picks them, and again the same for the
//! same seed. Owns the rule.

use std::collections::BTreeSet;

use domain::package::SAMPLE_MAX;
use sha2::{Digest as _, Sha256};

/// The `most` events with the smallest SHA-256 of seed, colon and index. Keeps no more than it answers.
#[derive(Debug)]
pub(super) struct Sample {
    seed: String,
    most: usize,
    chosen: BTreeSet<([u8; 32], u64)>,
}

impl Sample {
    pub(super) fn new(seed: &str, most: usize) -> Self {
        Self {
            seed: seed.to_owned(),
            most: most.min(SAMPLE_MAX),
            chosen: BTreeSet::new(),
        }
    }

    pub(super) fn see(&mut self, index: u64) {
        let rank = Sha256::digest(format!("{}:{index}", self.seed));
        self.chosen.insert((rank.into(), index));
        if self.chosen.len() > self.most {
            self.chosen.pop_last();
        }
    }

    /// In the order of the log.
    pub(super) fn indexes(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.chosen.iter().map(|(_, index)| *index).collect();
        all.sort_unstable();
        all
    }
}
