//! What can go wrong with the tree itself. Files, notes and events have their own errors.

/// A question about the tree that has no answer, or a proof that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// A leaf longer than an entry bundle can carry.
    #[error("the leaf has {bytes} bytes, the limit is {max}: store the large part elsewhere and log its digest", max = crate::MAX_LEAF_BYTES)]
    LeafTooLarge {
        /// The length that was offered.
        bytes: usize,
    },
    /// A size or index beyond what this log supports.
    #[error("size {size} is beyond the largest tree, {max} entries", max = crate::MAX_TREE_SIZE)]
    SizeTooLarge {
        /// The size that was asked for.
        size: u64,
    },
    /// An index outside the tree.
    #[error("entry {index} is not in a tree of size {size}")]
    NotInTree {
        /// The index that was asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// A consistency question with the sizes the wrong way round.
    #[error("a tree of size {new} cannot extend one of size {old}")]
    SizesReversed {
        /// The size that was said to be earlier.
        old: u64,
        /// The size that was said to be later.
        new: u64,
    },
    /// The caller did not hand in a stored hash that is needed.
    #[error("stored hash {index} is missing: fetch every index the `indexes_for_…` function names")]
    MissingHash {
        /// The stored-hash index.
        index: u64,
    },
    /// A bundle or tile with more entries than fit.
    #[error("a tile holds at most 256 entries")]
    TileOverfull,
    /// The proof does not lead from the given leaf or tree to the given root.
    #[error("the proof does not hold")]
    InvalidProof,
}
