//! Logs to be witnessed.

use std::collections::BTreeMap;

use audit_log::{AddCheckpoint, Checkpoint, CheckpointKey, Hash, leaf_hash};

pub(crate) const ORIGIN: &str = "clearance.example/log";
pub(crate) const NAME: &str = "witness.example/compliance";
/// The time that the witness of these tests tells.
pub(crate) const NOW: u64 = 1_790_000_000;

pub(crate) fn key() -> CheckpointKey {
    CheckpointKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

/// A log whose leaves from `fork` on are those of another history.
pub(crate) struct Log {
    stored: BTreeMap<u64, Hash>,
}

impl Log {
    pub(crate) fn new(size: u64, fork: u64) -> Self {
        let mut stored = BTreeMap::new();
        for index in 0..size {
            let history = if index < fork { "true" } else { "other" };
            let leaf = leaf_hash(format!("{history} {index}").as_bytes());
            let first = audit_log::stored_hash_count(index);
            let new = audit_log::stored_hashes(index, leaf, &stored).unwrap();
            stored.extend((first..).zip(new));
        }
        Self { stored }
    }

    pub(crate) fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: audit_log::root(size, &self.stored).unwrap(),
        }
    }

    pub(crate) fn asked(&self, old: u64, size: u64) -> AddCheckpoint {
        AddCheckpoint {
            old,
            proof: audit_log::prove_consistency(old, size, &self.stored).unwrap(),
            note: self.checkpoint(size).sign(&key()).unwrap(),
        }
    }
}
