//! How many of which witnesses must have seen a checkpoint.

use super::{Cosignature, WitnessVerifierKey, verified};

/// Most witnesses of one log: a note has at most 100 signatures.
const MAX_WITNESSES: usize = 64;

/// A quorum of witnesses: `quorum` of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessPolicy {
    keys: Vec<WitnessVerifierKey>,
    quorum: usize,
}

/// Why there can be no such policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessPolicyError {
    /// No witness, or more than a note can carry.
    #[error("a quorum needs 1 to {MAX_WITNESSES} witnesses")]
    Count,
    /// A quorum that no number of cosignatures meets, or that none meets too.
    #[error(
        "a quorum of {quorum} out of {witnesses} witnesses cannot be: it lies between 1 and {witnesses}"
    )]
    Quorum {
        /// What was asked for.
        quorum: usize,
        /// How many witnesses there are.
        witnesses: usize,
    },
    /// One witness under two names, or one name for two: it would count twice.
    #[error("the witness {name} is given twice: each needs a name and a key of its own")]
    Twice {
        /// Its name.
        name: String,
    },
}

/// Why a checkpoint does not count as witnessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// Not a signed note, or lines that are no signatures.
    #[error("not a signed note")]
    Malformed,
    /// A line by a known witness that does not fit the text: it was made for another checkpoint.
    #[error("the cosignature of the witness {witness} does not hold")]
    BadSignature {
        /// The witness's name.
        witness: String,
    },
    /// Not enough witnesses.
    #[error("{found} of the {quorum} witnesses that are needed have seen this checkpoint")]
    TooFew {
        /// Cosignatures that hold.
        found: usize,
        /// How many are needed.
        quorum: usize,
    },
}

impl WitnessPolicy {
    /// A quorum of these witnesses.
    ///
    /// # Errors
    /// [`WitnessPolicyError`].
    pub fn new(keys: Vec<WitnessVerifierKey>, quorum: usize) -> Result<Self, WitnessPolicyError> {
        let witnesses = keys.len();
        if witnesses == 0 || witnesses > MAX_WITNESSES {
            return Err(WitnessPolicyError::Count);
        }
        if quorum == 0 || quorum > witnesses {
            return Err(WitnessPolicyError::Quorum { quorum, witnesses });
        }
        for (position, key) in keys.iter().enumerate() {
            let mut before = keys.iter().take(position);
            if before.any(|other| other.name == key.name || other.key == key.key) {
                let name = key.name.clone();
                return Err(WitnessPolicyError::Twice { name });
            }
        }
        Ok(Self { keys, quorum })
    }

    /// The witnesses.
    #[must_use]
    pub fn keys(&self) -> &[WitnessVerifierKey] {
        &self.keys
    }

    /// How many of them are needed.
    #[must_use]
    pub const fn quorum(&self) -> usize {
        self.quorum
    }

    /// The cosignatures of these witnesses on a note, however many; each counts once.
    ///
    /// # Errors
    /// [`WitnessError::Malformed`], or [`WitnessError::BadSignature`] if one does not hold: then none of them counts.
    pub fn found(&self, note: &str) -> Result<Vec<Cosignature>, WitnessError> {
        verified(note, &self.keys)
    }

    /// The same, if they are enough. It does not judge the log's own signature: that is for [`crate::open`].
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn check(&self, note: &str) -> Result<Vec<Cosignature>, WitnessError> {
        let found = self.found(note)?;
        if found.len() < self.quorum {
            return Err(WitnessError::TooFew {
                found: found.len(),
                quorum: self.quorum,
            });
        }
        Ok(found)
    }
}
