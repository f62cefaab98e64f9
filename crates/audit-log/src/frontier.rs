//! The right edge of the tree: at most 48 hashes from which a batch of entries can be appended and the root computed
//! without reading anything else.

use std::collections::BTreeMap;

use crate::append::{MAX_TREE_SIZE, indexes_for_root, stored_hash_count};
use crate::error::LogError;
use crate::hash::Hash;

/// The hashes of the complete subtrees of a tree, largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of the empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The frontier of the tree of `size` entries, from the hashes at [`indexes_for_root`]`(size)`.
    ///
    /// # Errors
    /// [`LogError::MissingHash`] if `stored` lacks one of them; [`LogError::SizeTooLarge`].
    pub fn load(size: u64, stored: &BTreeMap<u64, Hash>) -> Result<Self, LogError> {
        if size > MAX_TREE_SIZE {
            return Err(LogError::SizeTooLarge { size });
        }
        let read = |index: u64| {
            stored
                .get(&index)
                .copied()
                .ok_or(LogError::MissingHash { index })
        };
        let peaks = indexes_for_root(size)
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// How many entries the tree has; the index of the next entry.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one entry and returns what is to be stored: pairs of stored-hash index and hash, the leaf hash first, then
    /// one hash per subtree that became complete, lowest level first.
    ///
    /// # Errors
    /// [`LogError::SizeTooLarge`] at [`MAX_TREE_SIZE`] entries.
    pub fn push(&mut self, leaf_hash: Hash) -> Result<Vec<(u64, Hash)>, LogError> {
        if self.size >= MAX_TREE_SIZE {
            return Err(LogError::SizeTooLarge { size: self.size });
        }
        let mut stored_index = stored_hash_count(self.size);
        let mut hash = leaf_hash;
        let mut stored = vec![(stored_index, hash)];
        // Each trailing one bit of the index is a complete left neighbour of the same height.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = Hash::node(left, hash);
                stored_index += 1;
                stored.push((stored_index, hash));
            }
        }
        self.peaks.push(hash);
        self.size += 1;
        Ok(stored)
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        match peaks.next() {
            Some(smallest) => peaks.fold(smallest, |right, left| Hash::node(left, right)),
            None => Hash::EMPTY_TREE,
        }
    }
}
