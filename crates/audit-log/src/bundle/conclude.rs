//! From what a walk through the export found to one verdict: intact, tampered with (where, what), or unreadable.

use crate::checkpoint::{CheckpointError, KeyError};
use crate::cosignature::Cosignature;
use crate::event::LeafError;
use crate::hash::Hash;

/// An export that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The log's identity.
    pub origin: String,
    /// How many entries were checked.
    pub size: u64,
    /// The root, recomputed from the entries and equal to the signed one.
    pub root: Hash,
    /// The public key that the signature was checked with.
    pub key: String,
    /// Whether that key came from the person who verifies. If not, it came from the export itself, which then proves only
    /// that the export agrees with itself.
    pub key_is_trusted: bool,
    /// How many earlier checkpoints were found to be prefixes of this log.
    pub earlier_checkpoints: usize,
    /// How many witnesses had to have seen the checkpoint, if any were asked for.
    pub quorum: Option<usize>,
    /// What these said of it.
    pub witnesses: Vec<Cosignature>,
}

/// The verdict on an export that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The export contradicts itself, its signature, or an earlier checkpoint.
    #[error("the log was tampered with{}: {what}", at(*.index))]
    Tampered {
        /// The first bad entry, where it can be told.
        index: Option<u64>,
        /// What is wrong.
        what: Tampering,
    },
    /// The export cannot be judged.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file, relative to the export, or the entry.
        path: String,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn at(index: Option<u64>) -> String {
    index
        .map(|index| format!(" at entry {index}"))
        .unwrap_or_default()
}

impl VerifyError {
    pub(super) fn unreadable(
        path: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    pub(super) fn tampered(index: Option<u64>, what: Tampering) -> Self {
        Self::Tampered { index, what }
    }

    /// The exit status of a program that reports this: 1 tampered, 2 unreadable (0 is for an intact log).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Tampered { .. } => 1,
            Self::Unreadable { .. } => 2,
        }
    }

    /// The first bad entry, where it can be told.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Tampered { index, .. } => *index,
            Self::Unreadable { .. } => None,
        }
    }
}

/// What was found to be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// The entry is not the one that was signed; the stored hashes are.
    #[error("the entry differs from what was signed")]
    Entry,
    /// Entry and stored hash differ, and neither leads to the signed root.
    #[error("the entry and its stored hash differ, and neither leads to the signed root")]
    EntryAndHash,
    /// A file of entries is missing, cut short or has something added.
    #[error("{path} is missing, cut short, or has more than the entries that were signed")]
    Entries {
        /// The file.
        path: String,
    },
    /// The entries are those that were signed; a file of hashes is not.
    #[error("{path} differs from the hashes of the entries")]
    HashTile {
        /// The file.
        path: String,
    },
    /// A row shows something else than its entry says.
    #[error("the row shown on pages differs from the entry: {column}")]
    Row {
        /// The first column that differs, or what is wrong with the row as a whole.
        column: &'static str,
    },
    /// A file among the tiles that is no tile of this log: for instance entries beyond the checkpoint.
    #[error("{path} is not part of a log of the signed size")]
    ExtraFile {
        /// The file.
        path: String,
    },
    /// Entries, hashes and rows agree with each other but not with the signature.
    #[error("the entries do not lead to the signed root")]
    Root,
    /// The checkpoint is not acceptable.
    #[error("the checkpoint is not acceptable: {0}")]
    Checkpoint(CheckpointError),
    /// The public key in the export is not a key.
    #[error("the public key in the export is not acceptable: {0}")]
    Key(KeyError),
    /// The public key in the export is not the one that the verifier trusts.
    #[error("the public key in the export is not the trusted one")]
    UntrustedKey,
    /// The log was longer once.
    #[error("the log has {size} entries, but a checkpoint of {earlier} entries was signed before")]
    RolledBack {
        /// The size in the earlier checkpoint.
        earlier: u64,
        /// The size now.
        size: u64,
    },
    /// The log is not an extension of what it was.
    #[error("the first {earlier} entries are not those of the checkpoint signed before")]
    Forked {
        /// The size in the earlier checkpoint.
        earlier: u64,
    },
}

/// What the walk found, each with the index of the first occurrence.
#[derive(Default)]
pub(super) struct Findings {
    /// Leaf and stored leaf hash differ.
    pub(super) entry: Option<(u64, ())>,
    /// A file of leaf hashes differs from the entries.
    pub(super) tile: Option<(u64, String)>,
    /// A hash tile is missing or, above the leaves, different: somewhere after this index.
    pub(super) coarse: Option<(u64, String)>,
    /// A row differs from its leaf.
    pub(super) row: Option<(u64, &'static str)>,
    /// The leaf is no event.
    pub(super) leaf: Option<(u64, LeafError)>,
    /// The entries could not be walked beyond this.
    pub(super) broken: Option<(u64, String)>,
    /// The log does not extend an earlier checkpoint.
    pub(super) forked: Option<u64>,
}

/// Keeps the finding with the lowest index.
pub(super) fn note<T>(slot: &mut Option<(u64, T)>, index: u64, finding: T) {
    if slot.as_ref().is_none_or(|(earliest, _)| index < *earliest) {
        *slot = Some((index, finding));
    }
}

/// The three roots that should be one.
pub(super) struct Roots {
    pub(super) signed: Hash,
    pub(super) of_entries: Hash,
    pub(super) of_stored_hashes: Option<Hash>,
}

impl Findings {
    /// The verdict. The signature decides who is right where two files contradict each other.
    pub(super) fn conclude(self, roots: &Roots) -> Result<(), VerifyError> {
        let intact = self.broken.is_none() && roots.of_entries == roots.signed;
        let fault = if intact {
            self.with_intact_entries()
        } else {
            self.with_altered_entries(roots)
        };
        match fault {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// The verdict on the rows alone, whatever was signed.
    pub(super) fn conclude_rows(self) -> Result<(), VerifyError> {
        let row = self
            .row
            .map(|(index, column)| (index, Tampering::Row { column }));
        let broken = self
            .broken
            .map(|(index, path)| (index, Tampering::Entries { path }));
        if let Some((index, what)) = first([row, broken]) {
            return Err(VerifyError::tampered(Some(index), what));
        }
        match self.leaf {
            Some((index, error)) => Err(VerifyError::unreadable(&format!("entry {index}"), error)),
            None => Ok(()),
        }
    }

    /// The entries are what was signed: whatever disagrees with them is wrong.
    fn with_intact_entries(self) -> Option<VerifyError> {
        let tile = self.tile.map(hash_tile);
        let row = self
            .row
            .map(|(index, column)| (index, Tampering::Row { column }));
        if let Some((index, what)) = first([tile, row]).or(self.coarse.map(hash_tile)) {
            return Some(VerifyError::tampered(Some(index), what));
        }
        if let Some(earlier) = self.forked {
            return Some(VerifyError::tampered(None, Tampering::Forked { earlier }));
        }
        let (index, error) = self.leaf?;
        Some(VerifyError::unreadable(&format!("entry {index}"), error))
    }

    /// The entries are not what was signed: find the first one that cannot be right.
    fn with_altered_entries(self, roots: &Roots) -> Option<VerifyError> {
        let hashes_are_right = roots.of_stored_hashes == Some(roots.signed);
        let what = if hashes_are_right {
            Tampering::Entry
        } else {
            Tampering::EntryAndHash
        };
        let entry = self.entry.map(|(index, ())| (index, what.clone()));
        let row = self
            .row
            .map(|(index, column)| (index, Tampering::Row { column }));
        let leaf = self.leaf.map(|(index, _)| (index, what));
        let broken = self
            .broken
            .map(|(index, path)| (index, Tampering::Entries { path }));
        let found = first([entry, leaf, row, broken]).or(self.coarse.map(hash_tile));
        let (index, what) =
            found.map_or((None, Tampering::Root), |(index, what)| (Some(index), what));
        Some(VerifyError::tampered(index, what))
    }
}

fn hash_tile((index, path): (u64, String)) -> (u64, Tampering) {
    (index, Tampering::HashTile { path })
}

/// The finding with the lowest index; of several, the first in the list.
fn first<const N: usize>(findings: [Option<(u64, Tampering)>; N]) -> Option<(u64, Tampering)> {
    findings
        .into_iter()
        .flatten()
        .min_by_key(|(index, _)| *index)
}
