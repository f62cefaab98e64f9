//! The tree over stored hashes: what to read before a question, and the pure answers.
//!
//! Hashes of complete subtrees are stored once, densely numbered (the *stored-hash index*). Entry `n` adds the hashes
//! numbered from `stored_hash_count(n)` up to, not including, `stored_hash_count(n + 1)`. Every question (append, root,
//! inclusion, consistency) needs at most about 2 log₂ n of them, never the log itself. The `indexes_for_…` functions name
//! the wanted indexes so that an asynchronous caller fetches them first. A size beyond [`MAX_TREE_SIZE`] or an index
//! outside the tree wants nothing; the function that answers then says what was wrong.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use tlog_tiles::HashReader;

use crate::error::LogError;
use crate::hash::Hash;

/// The largest tree: 2^48 entries. It keeps all index arithmetic far away from overflow.
pub const MAX_TREE_SIZE: u64 = 1 << 48;

/// The longest proof that a tree of [`MAX_TREE_SIZE`] can need, with room to spare.
pub(crate) const MAX_PROOF_HASHES: usize = 63;

/// How many hashes are stored for a tree of `size` entries. Also the stored-hash index of entry `size`'s own leaf hash.
#[must_use]
pub fn stored_hash_count(size: u64) -> u64 {
    tlog_tiles::stored_hash_count(size.min(MAX_TREE_SIZE))
}

/// The stored-hash indexes needed to append entry `index`, in the order they are read.
#[must_use]
pub fn indexes_for_append(index: u64) -> Vec<u64> {
    if index >= MAX_TREE_SIZE {
        return Vec::new();
    }
    record(|reader| {
        tlog_tiles::stored_hashes_for_record_hash(index, tlog_tiles::EMPTY_HASH, reader).map(drop)
    })
}

/// The stored-hash indexes needed for the root of a tree of `size` entries: its complete subtrees, largest first. They are
/// also all that a [`crate::Frontier`] needs, and include those of [`indexes_for_append`]`(size)`.
#[must_use]
pub fn indexes_for_root(size: u64) -> Vec<u64> {
    if size > MAX_TREE_SIZE {
        return Vec::new();
    }
    tlog_tiles::sub_tree_index(0, size, Vec::new())
}

/// The stored-hash indexes needed to prove that entry `index` is in the tree of `size` entries.
#[must_use]
pub fn indexes_for_inclusion(size: u64, index: u64) -> Vec<u64> {
    if size > MAX_TREE_SIZE || index >= size {
        return Vec::new();
    }
    record(|reader| tlog_tiles::prove_record(size, index, reader).map(drop))
}

/// The stored-hash indexes needed to prove that the tree of `new` entries extends the tree of `old` entries.
#[must_use]
pub fn indexes_for_consistency(old: u64, new: u64) -> Vec<u64> {
    if new > MAX_TREE_SIZE || old == 0 || old > new {
        return Vec::new();
    }
    record(|reader| tlog_tiles::prove_tree(new, old, reader).map(drop))
}

/// The hashes to store when entry `index` is appended, the first of them at stored-hash index `stored_hash_count(index)`.
///
/// # Errors
/// [`LogError::MissingHash`] if `stored` lacks one of [`indexes_for_append`]; [`LogError::SizeTooLarge`].
pub fn stored_hashes(
    index: u64,
    leaf_hash: Hash,
    stored: &BTreeMap<u64, Hash>,
) -> Result<Vec<Hash>, LogError> {
    if index >= MAX_TREE_SIZE {
        return Err(LogError::SizeTooLarge { size: index });
    }
    let hashes = answer(stored, |reader| {
        tlog_tiles::stored_hashes_for_record_hash(index, leaf_hash.into(), reader)
    })?;
    Ok(hashes.into_iter().map(Hash::from).collect())
}

/// The root of the tree of `size` entries.
///
/// # Errors
/// [`LogError::MissingHash`] if `stored` lacks one of [`indexes_for_root`]; [`LogError::SizeTooLarge`].
pub fn root(size: u64, stored: &BTreeMap<u64, Hash>) -> Result<Hash, LogError> {
    check_size(size)?;
    answer(stored, |reader| tlog_tiles::tree_hash(size, reader)).map(Hash::from)
}

/// The audit path of entry `index` in the tree of `size` entries, from the leaf's sibling upwards.
///
/// # Errors
/// [`LogError::MissingHash`] if `stored` lacks one of [`indexes_for_inclusion`]; [`LogError::NotInTree`];
/// [`LogError::SizeTooLarge`].
pub fn prove_inclusion(
    size: u64,
    index: u64,
    stored: &BTreeMap<u64, Hash>,
) -> Result<Vec<Hash>, LogError> {
    check_index(size, index)?;
    let proof = answer(stored, |reader| {
        tlog_tiles::prove_record(size, index, reader)
    })?;
    Ok(proof.into_iter().map(Hash::from).collect())
}

/// The proof that the tree of `new` entries extends the tree of `old` entries. It is empty for `old == 0` and `old == new`.
///
/// # Errors
/// [`LogError::MissingHash`] if `stored` lacks one of [`indexes_for_consistency`]; [`LogError::SizesReversed`];
/// [`LogError::SizeTooLarge`].
pub fn prove_consistency(
    old: u64,
    new: u64,
    stored: &BTreeMap<u64, Hash>,
) -> Result<Vec<Hash>, LogError> {
    check_sizes(old, new)?;
    if old == 0 {
        return Ok(Vec::new());
    }
    let proof = answer(stored, |reader| tlog_tiles::prove_tree(new, old, reader))?;
    Ok(proof.into_iter().map(Hash::from).collect())
}

/// Checks that `proof` leads from `leaf_hash` at `index` to `root` of the tree of `size` entries.
///
/// # Errors
/// [`LogError::InvalidProof`] if it does not; [`LogError::NotInTree`]; [`LogError::SizeTooLarge`].
pub fn verify_inclusion(
    proof: &[Hash],
    size: u64,
    root: Hash,
    index: u64,
    leaf_hash: Hash,
) -> Result<(), LogError> {
    check_index(size, index)?;
    tlog_tiles::check_record(
        &checked_proof(proof)?,
        size,
        root.into(),
        index,
        leaf_hash.into(),
    )
    .map_err(|_| LogError::InvalidProof)
}

/// Checks that the tree of `new` entries with `new_root` extends the tree of `old` entries with `old_root`.
///
/// # Errors
/// [`LogError::InvalidProof`] if it does not; [`LogError::SizesReversed`]; [`LogError::SizeTooLarge`].
pub fn verify_consistency(
    proof: &[Hash],
    old: u64,
    old_root: Hash,
    new: u64,
    new_root: Hash,
) -> Result<(), LogError> {
    check_sizes(old, new)?;
    if old == 0 {
        // Every tree extends the empty one, so only the claims about emptiness are left to check.
        let new_fits = new > 0 || new_root == Hash::EMPTY_TREE;
        let holds = proof.is_empty() && old_root == Hash::EMPTY_TREE && new_fits;
        return if holds {
            Ok(())
        } else {
            Err(LogError::InvalidProof)
        };
    }
    tlog_tiles::check_tree(
        &checked_proof(proof)?,
        new,
        new_root.into(),
        old,
        old_root.into(),
    )
    .map_err(|_| LogError::InvalidProof)
}

fn check_size(size: u64) -> Result<(), LogError> {
    if size > MAX_TREE_SIZE {
        return Err(LogError::SizeTooLarge { size });
    }
    Ok(())
}

fn check_index(size: u64, index: u64) -> Result<(), LogError> {
    check_size(size)?;
    if index >= size {
        return Err(LogError::NotInTree { index, size });
    }
    Ok(())
}

fn check_sizes(old: u64, new: u64) -> Result<(), LogError> {
    check_size(new)?;
    if old > new {
        return Err(LogError::SizesReversed { old, new });
    }
    Ok(())
}

/// A hostile proof may be of any length, and the checker copies it at every level.
fn checked_proof(proof: &[Hash]) -> Result<Vec<tlog_tiles::Hash>, LogError> {
    if proof.len() > MAX_PROOF_HASHES {
        return Err(LogError::InvalidProof);
    }
    Ok(proof.iter().copied().map(Into::into).collect())
}

/// Notes what is asked for and answers with a placeholder: the wanted indexes do not depend on the hashes.
#[derive(Default)]
struct Recorder {
    wanted: RefCell<Vec<u64>>,
}

impl HashReader for Recorder {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        self.wanted.borrow_mut().extend_from_slice(indexes);
        Ok(vec![tlog_tiles::EMPTY_HASH; indexes.len()])
    }
}

fn record(ask: impl FnOnce(&Recorder) -> Result<(), tlog_tiles::Error>) -> Vec<u64> {
    let recorder = Recorder::default();
    // The callers check the arguments, and the recorder never fails: there is no error to report.
    let _ = ask(&recorder);
    recorder.wanted.into_inner()
}

/// Reads from the caller's map and remembers the first index that was not there.
struct MapReader<'a> {
    stored: &'a BTreeMap<u64, Hash>,
    missing: Cell<Option<u64>>,
}

impl HashReader for MapReader<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let read = |index: &u64| match self.stored.get(index) {
            Some(hash) => Ok((*hash).into()),
            None => {
                self.missing.set(Some(*index));
                Err(tlog_tiles::Error::IndexesNotInTree)
            }
        };
        indexes.iter().map(read).collect()
    }
}

fn answer<T>(
    stored: &BTreeMap<u64, Hash>,
    ask: impl FnOnce(&MapReader<'_>) -> Result<T, tlog_tiles::Error>,
) -> Result<T, LogError> {
    let reader = MapReader {
        stored,
        missing: Cell::new(None),
    };
    ask(&reader).map_err(|_| match reader.missing.get() {
        Some(index) => LogError::MissingHash { index },
        None => LogError::InvalidProof,
    })
}
