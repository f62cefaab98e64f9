//! Witnesses in memory: each remembers the largest tree it saw of the one log it follows, and signs what grew out of it.

#![allow(clippy::expect_used, reason = "support for tests, behind a feature")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use audit_log::{
    AddCheckpoint, Checkpoint, Hash, VerifierKey, WitnessKey, WitnessPolicy, open,
    verify_consistency,
};

use super::{Faults, lock};
use crate::ports::witnesses::{WitnessAnswer, Witnesses};
use crate::ports::{PortError, PortErrorKind};

/// The time that fake witnesses sign with, seconds since 1970 UTC.
const TIME: u64 = 1_772_442_000;

/// The witnesses.
#[derive(Debug)]
pub struct FakeWitnesses {
    faults: Arc<Faults>,
    log: Mutex<Option<VerifierKey>>,
    seen: Mutex<BTreeMap<String, Checkpoint>>,
    down: Mutex<BTreeSet<String>>,
}

impl FakeWitnesses {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            log: Mutex::default(),
            seen: Mutex::default(),
            down: Mutex::default(),
        }
    }

    /// The key of one of them.
    ///
    /// # Panics
    /// Never: the name is one.
    #[must_use]
    pub fn key(number: u8) -> WitnessKey {
        let name = format!("witness.test/w{number}");
        WitnessKey::from_seed(&name, &[50 + number; 32]).expect("a key")
    }

    /// A quorum of the first so many.
    ///
    /// # Panics
    /// Where there is no such quorum.
    #[must_use]
    pub fn policy(witnesses: u8, quorum: usize) -> WitnessPolicy {
        let keys = (0..witnesses)
            .map(|n| Self::key(n).verifier_key())
            .collect();
        WitnessPolicy::new(keys, quorum).expect("a quorum")
    }

    /// All of them follow this log.
    pub fn follow(&self, log: VerifierKey) {
        *lock(&self.log) = Some(log);
    }

    /// One of them does not answer, or does again.
    pub fn answers(&self, number: u8, answers: bool) {
        let id = Self::key(number).verifier_key().id();
        let mut down = lock(&self.down);
        if answers {
            down.remove(&id);
        } else {
            down.insert(id);
        }
    }

    /// The size that one of them saw last.
    #[must_use]
    pub fn seen(&self, number: u8) -> u64 {
        let id = Self::key(number).verifier_key().id();
        lock(&self.seen).get(&id).map_or(0, |head| head.size)
    }

    /// Puts another memory in the place of one's own, as out of a backup or from another view of the log.
    pub fn remember(&self, number: u8, head: Option<Checkpoint>) {
        let id = Self::key(number).verifier_key().id();
        let mut seen = lock(&self.seen);
        match head {
            Some(head) => drop(seen.insert(id, head)),
            None => drop(seen.remove(&id)),
        }
    }

    fn answer(&self, key_id: &str, body: &str) -> Result<WitnessAnswer, PortError> {
        if lock(&self.down).contains(key_id) {
            let kind = PortErrorKind::Unavailable;
            return Err(PortError::new(kind, "It could not be reached."));
        }
        let refused = || PortError::new(PortErrorKind::Rejected, "The witness refuses that.");
        let asked = AddCheckpoint::parse(body.as_bytes()).ok_or_else(refused)?;
        let log = lock(&self.log).clone().ok_or_else(refused)?;
        let checkpoint = open(&asked.note, &[log]).map_err(|_| refused())?;
        let key = (0..100)
            .map(Self::key)
            .find(|key| key.verifier_key().id() == key_id)
            .ok_or_else(refused)?;
        let mut seen = lock(&self.seen);
        let last = seen.get(key_id);
        let (size, root) = last.map_or((0, Hash::EMPTY_TREE), |head| (head.size, head.root));
        if asked.old > checkpoint.size {
            return Err(refused());
        }
        let other_root = size == checkpoint.size && root != checkpoint.root;
        if asked.old != size || other_root {
            return Ok(WitnessAnswer::Seen(size));
        }
        let grown = verify_consistency(&asked.proof, size, root, checkpoint.size, checkpoint.root);
        if grown.is_err() {
            return Ok(WitnessAnswer::NotGrown);
        }
        let line = key.cosign(&checkpoint, TIME).map_err(|_| refused())?;
        seen.insert(key_id.to_owned(), checkpoint);
        Ok(WitnessAnswer::Signed(line))
    }
}

#[async_trait]
impl Witnesses for FakeWitnesses {
    async fn add_checkpoint(&self, key_id: &str, body: String) -> Result<WitnessAnswer, PortError> {
        self.faults
            .run("witness.add", key_id, || self.answer(key_id, &body))
            .await
    }
}
