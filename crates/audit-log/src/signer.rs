//! The log's signer: a key and what it signed last. It signs a tree only if that tree extends the one before, so whoever sets
//! the database back, or writes another history into it, gets no signature for it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::append::verify_consistency;
use crate::checkpoint::{Checkpoint, CheckpointError, CheckpointKey};
use crate::error::LogError;
use crate::hash::Hash;
use crate::heads::{HeadsError, HeadsFile};

/// Signs the checkpoints of one log. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Signer {
    key: CheckpointKey,
    memory: Arc<Memory>,
}

#[derive(Debug)]
enum Memory {
    /// For as long as the process lives: tests, and logs that end with it.
    Process(Mutex<Option<Checkpoint>>),
    File(HeadsFile),
}

/// Why a checkpoint is not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// More entries were signed before.
    #[error("{signed} entries were signed before, and the log has {offered}")]
    SetBack {
        /// What was signed.
        signed: u64,
        /// What the log has now.
        offered: u64,
    },
    /// The entries signed before are not the first ones of this log.
    #[error(
        "the log of {offered} entries does not begin with the {signed} that were signed before: {source}"
    )]
    Rewritten {
        /// What was signed.
        signed: u64,
        /// What the log has now.
        offered: u64,
        /// What is wrong with the proof.
        source: LogError,
    },
    /// The signer does not know what it signed.
    #[error(transparent)]
    Memory(#[from] HeadsError),
    /// The checkpoint is none of this key's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<CheckpointKey> for Signer {
    /// A signer that forgets when the process ends.
    fn from(key: CheckpointKey) -> Self {
        Self {
            key,
            memory: Arc::new(Memory::Process(Mutex::new(None))),
        }
    }
}

impl Signer {
    /// A signer that remembers in a file, which must be out of reach of whoever can change the database.
    #[must_use]
    pub fn remembering(key: CheckpointKey, file: HeadsFile) -> Self {
        Self {
            key,
            memory: Arc::new(Memory::File(file)),
        }
    }

    /// The key, for what is signed beside checkpoints.
    #[must_use]
    pub fn key(&self) -> &CheckpointKey {
        &self.key
    }

    /// What was signed last of this log.
    ///
    /// # Errors
    /// [`HeadsError`].
    pub fn remembered(&self) -> Result<Option<Checkpoint>, HeadsError> {
        match self.memory.as_ref() {
            Memory::Process(memory) => Ok(memory
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()),
            Memory::File(file) => Ok(file.read()?.remove(self.key.name())),
        }
    }

    /// What was signed last of another log, where this file knows nothing of the present one.
    ///
    /// # Errors
    /// [`HeadsError`].
    pub fn predecessor(&self) -> Result<Option<Checkpoint>, HeadsError> {
        let Memory::File(file) = self.memory.as_ref() else {
            return Ok(None);
        };
        let heads = file.read()?;
        if heads.contains_key(self.key.name()) {
            return Ok(None);
        }
        Ok(heads.into_values().max_by_key(|head| head.size))
    }

    /// Signs the checkpoint, if `proof` shows that it extends what was signed last. It is remembered before it is signed.
    ///
    /// # Errors
    /// [`SignerError`]; nothing is signed then.
    pub fn sign(&self, checkpoint: &Checkpoint, proof: &[Hash]) -> Result<String, SignerError> {
        self.keep(checkpoint, |last| extends(last, checkpoint, proof))
    }

    /// Signs the checkpoint whatever was signed before: the beginning of a new log, for a person to decide.
    ///
    /// # Errors
    /// [`SignerError::Memory`], [`SignerError::Checkpoint`].
    pub fn begin_anew(&self, checkpoint: &Checkpoint) -> Result<String, SignerError> {
        self.keep(checkpoint, |_| Ok(()))
    }

    fn keep(
        &self,
        checkpoint: &Checkpoint,
        check: impl FnOnce(Option<&Checkpoint>) -> Result<(), SignerError>,
    ) -> Result<String, SignerError> {
        let decide = |last: Option<&Checkpoint>| {
            check(last)?;
            let note = checkpoint.sign(&self.key)?;
            Ok((checkpoint.clone(), note))
        };
        match self.memory.as_ref() {
            Memory::Process(memory) => {
                let mut last = memory.lock().unwrap_or_else(PoisonError::into_inner);
                let (head, note) = decide(last.as_ref())?;
                *last = Some(head);
                Ok(note)
            }
            Memory::File(file) => file.update(self.key.name(), decide),
        }
    }
}

/// Whether `checkpoint` may be signed after `last`.
pub(crate) fn extends(
    last: Option<&Checkpoint>,
    checkpoint: &Checkpoint,
    proof: &[Hash],
) -> Result<(), SignerError> {
    let Some(last) = last else {
        return Ok(());
    };
    let (signed, offered) = (last.size, checkpoint.size);
    if offered < signed {
        return Err(SignerError::SetBack { signed, offered });
    }
    verify_consistency(proof, signed, last.root, offered, checkpoint.root).map_err(|source| {
        SignerError::Rewritten {
            signed,
            offered,
            source,
        }
    })
}
