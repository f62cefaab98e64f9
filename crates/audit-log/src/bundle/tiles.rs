//! Stored hashes read back from a folder of tiles: an export, or a mirror of what a server serves. Nothing read here is
//! believed; whoever asks proves it against a signed root.

use std::collections::BTreeMap;
use std::path::Path;

use super::conclude::VerifyError;
use super::files::{Content, read};
use crate::append::{
    indexes_for_consistency, indexes_for_inclusion, prove_consistency, prove_inclusion,
};
use crate::hash::Hash;
use crate::proof::InclusionProof;
use crate::tile::{MAX_BUNDLE_BYTES, TILE_WIDTH, TileError, TileKind, TilePath, decode_entries};

const HASH_BYTES: usize = 32;

/// The proof that the tree of `new` entries extends that of `old`, from the tiles in `dir`.
///
/// # Errors
/// [`VerifyError::Unreadable`] if a tile that it takes is not there.
pub fn consistency_from_tiles(dir: &Path, old: u64, new: u64) -> Result<Vec<Hash>, VerifyError> {
    let stored = stored_hashes(dir, &indexes_for_consistency(old, new))?;
    prove_consistency(old, new, &stored).map_err(|error| VerifyError::unreadable("tile", error))
}

/// A `.tlog-proof` file for entry `index` of the export in `dir`, of the size and under the checkpoint in `note`.
///
/// # Errors
/// [`VerifyError::Unreadable`] if a tile that it takes is not there. Whether it holds is for a verifier to say.
pub fn proof_from_tiles(
    dir: &Path,
    (size, note): (u64, &str),
    index: u64,
) -> Result<String, VerifyError> {
    let stored = stored_hashes(dir, &indexes_for_inclusion(size, index))?;
    let hashes = prove_inclusion(size, index, &stored)
        .map_err(|error| VerifyError::unreadable("tile", error))?;
    let proof = InclusionProof {
        index,
        hashes,
        checkpoint_note: note.to_owned(),
    };
    Ok(proof.to_text())
}

/// The leaves of entry bundle `number` of an export of `size` entries: entry `256 * number` and those after it.
///
/// # Errors
/// [`VerifyError::Unreadable`] if it is not there or not whole; whether it is genuine is for a verifier to say.
pub fn read_bundle(dir: &Path, size: u64, number: u64) -> Result<Vec<Vec<u8>>, VerifyError> {
    let width = size
        .saturating_sub(number.saturating_mul(u64::from(TILE_WIDTH)))
        .min(u64::from(TILE_WIDTH));
    let named = u16::try_from(width)
        .map_err(|_| TileError::Path)
        .and_then(|width| TilePath::new(TileKind::Entries, number, width));
    let path = named
        .map_err(|error| VerifyError::unreadable("tile/entries", error))?
        .to_string();
    let Content::Bytes(bytes) = read(dir, &path, MAX_BUNDLE_BYTES)? else {
        return Err(VerifyError::unreadable(
            &path,
            "no such bundle in the folder",
        ));
    };
    let leaves = decode_entries(&bytes).map_err(|error| VerifyError::unreadable(&path, error))?;
    if crate::number::to_u64(leaves.len()) != width {
        return Err(VerifyError::unreadable(&path, "not a bundle of this width"));
    }
    Ok(leaves.into_iter().map(<[u8]>::to_vec).collect())
}

/// The hashes at these stored-hash indexes.
pub(super) fn stored_hashes(
    dir: &Path,
    indexes: &[u64],
) -> Result<BTreeMap<u64, Hash>, VerifyError> {
    let mut tiles: BTreeMap<(u8, u64), Vec<u8>> = BTreeMap::new();
    let mut stored = BTreeMap::new();
    for index in indexes {
        let (height, number) = tlog_tiles::split_stored_hash_index(*index);
        let (level, above) = (height / 8, height % 8);
        // The subtree covers this many hashes of its tile's level, from `first` on.
        let covered = 1_u64 << above;
        let first = number * covered;
        let (tile, start) = (first / u64::from(TILE_WIDTH), first % u64::from(TILE_WIDTH));
        let needed = u16::try_from(start + covered).unwrap_or(TILE_WIDTH);
        let bytes = match tiles.get(&(level, tile)) {
            Some(bytes) if bytes.len() >= usize::from(needed) * HASH_BYTES => bytes,
            Some(_) | None => {
                let bytes = read_tile(dir, level, tile, needed)?;
                tiles.entry((level, tile)).insert_entry(bytes).into_mut()
            }
        };
        let hash = bytes
            .chunks_exact(HASH_BYTES)
            .skip(usize::try_from(start).unwrap_or(usize::MAX))
            .take(1 << above)
            .filter_map(|chunk| Hash::from_slice(chunk).ok())
            .collect::<Vec<_>>();
        if let Some(hash) = joined(hash) {
            stored.insert(*index, hash);
        }
    }
    Ok(stored)
}

/// The root of a complete subtree.
fn joined(mut hashes: Vec<Hash>) -> Option<Hash> {
    while hashes.len() > 1 {
        hashes = hashes
            .chunks_exact(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(Hash::node(*left, *right)),
                _ => None,
            })
            .collect();
    }
    hashes.first().copied()
}

/// The tile, whole or partial, with at least `needed` hashes.
fn read_tile(dir: &Path, level: u8, number: u64, needed: u16) -> Result<Vec<u8>, VerifyError> {
    let named = |width| {
        TilePath::new(TileKind::Hashes { level }, number, width)
            .map_err(|error| VerifyError::unreadable("tile", error))
    };
    for width in (needed..=TILE_WIDTH).rev() {
        let length = usize::from(width) * HASH_BYTES;
        let path = named(width)?.to_string();
        match read(dir, &path, crate::number::to_u64(length))? {
            Content::Bytes(bytes) if bytes.len() == length => return Ok(bytes),
            Content::Bytes(_) | Content::Implausible => {
                return Err(VerifyError::unreadable(&path, "not a tile of this width"));
            }
            Content::Missing => {}
        }
    }
    let path = named(TILE_WIDTH)?.to_string();
    Err(VerifyError::unreadable(&path, "no such tile in the folder"))
}
