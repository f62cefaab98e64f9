//! One event's evidence in one small text (C2SP tlog-proof): index, audit path and signed checkpoint. Together with the
//! leaf's bytes and the log's public key it convinces somebody who has nothing else.

use crate::append::{MAX_PROOF_HASHES, verify_inclusion};
use crate::checkpoint::{Checkpoint, CheckpointError, VerifierKey, open};
use crate::cosignature::{Cosignature, WitnessPolicy};
use crate::error::LogError;
use crate::hash::Hash;
use crate::leaf::{checked_leaf_hash, leaf_hash};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A proof is a few kilobytes; co-signatures may add some.
const MAX_PROOF_BYTES: usize = 1_000_000;

/// The contents of a `.tlog-proof` file. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The position of the entry, from 0.
    pub index: u64,
    /// The audit path, from the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint_note: String,
}

/// What a verified proof proves: the leaf is entry `index` of the tree that `checkpoint` describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenLeaf {
    /// The position of the entry, from 0.
    pub index: u64,
    /// The hash of the leaf that was given.
    pub leaf_hash: Hash,
    /// The verified checkpoint.
    pub checkpoint: Checkpoint,
    /// What witnesses said of it, where a quorum was asked for.
    pub witnesses: Vec<Cosignature>,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not a proof file.
    #[error("not a {HEADER} file")]
    Malformed,
    /// The checkpoint in the proof is not acceptable.
    #[error("the checkpoint in the proof is not acceptable")]
    Checkpoint(#[source] CheckpointError),
    /// The leaf is not what the checkpoint commits to.
    #[error("the leaf is not entry {index} of the signed tree")]
    NotIncluded {
        /// The index that the proof claims.
        index: u64,
        /// Why it does not hold.
        #[source]
        source: LogError,
    },
}

impl InclusionProof {
    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.hashes {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint_note);
        text
    }

    /// Reads a file. An `extra` line is allowed by the format, authenticated by nothing, and ignored.
    ///
    /// # Errors
    /// [`ProofError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        if text.len() > MAX_PROOF_BYTES {
            return Err(ProofError::Malformed);
        }
        Self::parse_lines(text).ok_or(ProofError::Malformed)
    }

    fn parse_lines(text: &str) -> Option<Self> {
        let (head, checkpoint_note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n').peekable();
        if lines.next()? != HEADER {
            return None;
        }
        let _extra = lines.next_if(|line| line.starts_with("extra "));
        let digits = lines.next()?.strip_prefix("index ")?;
        let index: u64 = digits.parse().ok()?;
        if index.to_string() != digits {
            return None;
        }
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() >= MAX_PROOF_HASHES {
                return None;
            }
            hashes.push(Hash::from_base64(line).ok()?);
        }
        Some(Self {
            index,
            hashes,
            checkpoint_note: checkpoint_note.to_owned(),
        })
    }
}

/// Hashes in base64, one a line, as witnesses take them; nothing if there are more than any proof has, or something else.
#[must_use]
pub fn parse_hash_lines(text: &str) -> Option<Vec<Hash>> {
    let lines: Vec<&str> = text.lines().take(MAX_PROOF_HASHES + 1).collect();
    if lines.len() > MAX_PROOF_HASHES {
        return None;
    }
    lines
        .into_iter()
        .map(|line| Hash::from_base64(line).ok())
        .collect()
}

/// Checks a proof file against the bytes of the leaf and the public key of the log.
///
/// # Errors
/// [`ProofError`] says which link of the chain does not hold.
pub fn verify_proof(text: &str, leaf: &[u8], key: &VerifierKey) -> Result<ProvenLeaf, ProofError> {
    verify_proof_with(text, leaf, key, None)
}

/// The same, where enough witnesses must have seen the checkpoint too.
///
/// # Errors
/// [`ProofError`] says which link of the chain does not hold.
pub fn verify_proof_with(
    text: &str,
    leaf: &[u8],
    key: &VerifierKey,
    witnesses: Option<&WitnessPolicy>,
) -> Result<ProvenLeaf, ProofError> {
    let proof = InclusionProof::parse(text)?;
    let note = &proof.checkpoint_note;
    let checkpoint = open(note, std::slice::from_ref(key)).map_err(ProofError::Checkpoint)?;
    let witnessed = witnesses.map(|policy| policy.check(note)).transpose();
    let witnessed = witnessed.map_err(|error| ProofError::Checkpoint(error.into()))?;
    let index = proof.index;
    let included = checked_leaf_hash(leaf).and_then(|hash| {
        verify_inclusion(&proof.hashes, checkpoint.size, checkpoint.root, index, hash)
    });
    included.map_err(|source| ProofError::NotIncluded { index, source })?;
    Ok(ProvenLeaf {
        index,
        leaf_hash: leaf_hash(leaf),
        checkpoint,
        witnesses: witnessed.unwrap_or_default(),
    })
}
