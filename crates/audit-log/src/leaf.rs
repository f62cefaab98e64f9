//! From the stored bytes of one event to its place in the tree.

use crate::error::LogError;
use crate::hash::Hash;

/// The longest leaf: entry bundles carry a 16-bit length.
pub const MAX_LEAF_BYTES: usize = 65_535;

/// The RFC 6962 hash of a leaf: SHA-256 of a zero byte and the leaf. It does not look at the length; use
/// [`checked_leaf_hash`] before storing.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    tlog_tiles::record_hash(leaf).into()
}

/// [`leaf_hash`] of a leaf that an entry bundle can carry.
///
/// # Errors
/// [`LogError::LeafTooLarge`] beyond [`MAX_LEAF_BYTES`].
pub fn checked_leaf_hash(leaf: &[u8]) -> Result<Hash, LogError> {
    if leaf.len() > MAX_LEAF_BYTES {
        return Err(LogError::LeafTooLarge { bytes: leaf.len() });
    }
    Ok(leaf_hash(leaf))
}
