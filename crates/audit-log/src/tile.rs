//! Tiles and entry bundles (C2SP tlog-tiles): their paths, what a tile is made of, and how entries are packed.
//!
//! Paths come from the network and from exported folders, so parsing accepts exactly the spelling that this module writes
//! and never builds a file name from anything else.

mod builder;

pub use builder::{Tile, TileBuilder};

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::append::MAX_TREE_SIZE;
use crate::error::LogError;
use crate::hash::Hash;
use crate::leaf::MAX_LEAF_BYTES;

/// How many hashes or entries a full tile holds.
pub const TILE_WIDTH: u16 = 256;
/// The height of a tile: each level of tiles covers eight levels of the tree.
pub const TILE_HEIGHT: u32 = 8;
/// The highest tile level; the format allows more than any tree here can have.
const MAX_LEVEL: u8 = 63;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of complete subtrees of `256^level` entries; level 0 is leaf hashes.
    Hashes {
        /// The tile level, 0 to 63.
        level: u8,
    },
    /// The entries themselves.
    Entries,
}

/// The coordinates of a tile: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    number: u64,
    width: u16,
}

/// Why a tile cannot be named, made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the path of a tile.
    #[error("not a tile path: expected tile/<level or entries>/<number>[.p/<width>]")]
    Path,
    /// The tree does not have this tile (yet).
    #[error("the tree of size {size} has no such tile")]
    NotInTree {
        /// The size of the tree.
        size: u64,
    },
    /// An entry bundle that ends inside an entry.
    #[error("the entry bundle ends inside entry {position} of the bundle")]
    Truncated {
        /// Which entry of the bundle, counted from 0.
        position: usize,
    },
    /// The question was asked of the wrong kind of tile.
    #[error("this tile holds no hashes")]
    NotHashes,
    /// A problem of the tree.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl TilePath {
    /// A tile of `width` hashes or entries.
    ///
    /// # Errors
    /// [`TileError::Path`] unless the level is at most 63, the width 1 to 256 and the tile within the largest tree.
    pub fn new(kind: TileKind, number: u64, width: u16) -> Result<Self, TileError> {
        let level_fits = match kind {
            TileKind::Hashes { level } => level <= MAX_LEVEL,
            TileKind::Entries => true,
        };
        let fits = level_fits
            && (1..=TILE_WIDTH).contains(&width)
            && number <= MAX_TREE_SIZE / u64::from(TILE_WIDTH);
        fits.then_some(Self {
            kind,
            number,
            width,
        })
        .ok_or(TileError::Path)
    }

    /// What the tile holds.
    #[must_use]
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// The position of the tile within its level.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many hashes or entries the tile has: 256 unless it is partial.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// A full tile never changes and may be cached for ever.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The positions within the level that the tile covers. For entries and level 0, these are entry indexes.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        let start = self.number * u64::from(TILE_WIDTH);
        start..start + u64::from(self.width)
    }

    /// Whether a tree of `size` entries can serve this tile.
    #[must_use]
    pub fn is_in(&self, size: u64) -> bool {
        self.range().end <= self.level_size(size)
    }

    /// Whether this is one of the tiles that make up the tree of exactly `size` entries: full, or the last partial one.
    #[must_use]
    pub fn is_of(&self, size: u64) -> bool {
        self.is_in(size) && (self.is_full() || self.range().end == self.level_size(size))
    }

    /// The stored-hash indexes whose hashes make up this tile, in order.
    ///
    /// # Errors
    /// [`TileError::NotInTree`] if the tree of `size` entries does not have it, [`TileError::NotHashes`].
    pub fn hash_indexes(&self, size: u64) -> Result<Vec<u64>, TileError> {
        let TileKind::Hashes { level } = self.kind else {
            return Err(TileError::NotHashes);
        };
        if size > MAX_TREE_SIZE || !self.is_in(size) {
            return Err(TileError::NotInTree { size });
        }
        // In the tree, so the level is at most 6 and the product fits.
        let height = level.saturating_mul(8);
        Ok(self
            .range()
            .map(|n| tlog_tiles::stored_hash_index(height, n))
            .collect())
    }

    /// The contents of a hash tile, from the hashes at [`TilePath::hash_indexes`].
    ///
    /// # Errors
    /// As for [`TilePath::hash_indexes`], and [`LogError::MissingHash`] if `stored` lacks one of them.
    pub fn encode_hashes(
        &self,
        size: u64,
        stored: &BTreeMap<u64, Hash>,
    ) -> Result<Vec<u8>, TileError> {
        let mut bytes = Vec::with_capacity(usize::from(self.width) * 32);
        for index in self.hash_indexes(size)? {
            let hash = stored.get(&index).ok_or(LogError::MissingHash { index })?;
            bytes.extend_from_slice(hash.as_bytes());
        }
        Ok(bytes)
    }

    fn level_size(&self, size: u64) -> u64 {
        match self.kind {
            TileKind::Hashes { level } => size
                .checked_shr(u32::from(level) * TILE_HEIGHT)
                .unwrap_or(0),
            TileKind::Entries => size,
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}")?,
            TileKind::Entries => f.write_str("tile/entries")?,
        }
        let mut groups = vec![self.number % 1000];
        let mut rest = self.number / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (remaining, group) in groups.iter().enumerate().rev() {
            let mark = if remaining > 0 { "x" } else { "" };
            write!(f, "/{mark}{group:03}")?;
        }
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        let parsed = parse_path(path).ok_or(TileError::Path)?;
        // Whatever the parser let through (signs, leading zeros, a full tile spelt as partial) prints differently.
        (parsed.to_string() == path)
            .then_some(parsed)
            .ok_or(TileError::Path)
    }
}

fn parse_path(path: &str) -> Option<TilePath> {
    // The longest path of the largest tree has 42 bytes.
    if path.len() > 64 {
        return None;
    }
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = if level == "entries" {
        TileKind::Entries
    } else {
        TileKind::Hashes {
            level: level.parse().ok()?,
        }
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok()?),
        None => (rest, TILE_WIDTH),
    };
    let mut parsed: u64 = 0;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        parsed = parsed
            .checked_mul(1000)?
            .checked_add(digits.parse::<u64>().ok().filter(|n| *n < 1000)?)?;
    }
    TilePath::new(kind, parsed, width).ok()
}

/// Packs up to 256 entries: each a big-endian 16-bit length and the leaf's bytes.
///
/// # Errors
/// [`LogError::LeafTooLarge`], [`LogError::TileOverfull`].
pub fn encode_entries<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, LogError> {
    let mut bytes = Vec::new();
    for (position, leaf) in leaves.into_iter().enumerate() {
        if position >= usize::from(TILE_WIDTH) {
            return Err(LogError::TileOverfull);
        }
        encode_entry(leaf, &mut bytes)?;
    }
    Ok(bytes)
}

/// Adds one entry to a bundle.
pub(crate) fn encode_entry(leaf: &[u8], bundle: &mut Vec<u8>) -> Result<(), LogError> {
    let too_large = LogError::LeafTooLarge { bytes: leaf.len() };
    let length = u16::try_from(leaf.len()).map_err(|_| too_large)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(leaf);
    Ok(())
}

/// Unpacks an entry bundle into the leaves it carries.
///
/// # Errors
/// [`TileError::Truncated`], and [`LogError::TileOverfull`] beyond 256 entries.
pub fn decode_entries(bundle: &[u8]) -> Result<Vec<&[u8]>, TileError> {
    let mut leaves = Vec::new();
    for leaf in Entries::new(bundle) {
        if leaves.len() >= usize::from(TILE_WIDTH) {
            return Err(LogError::TileOverfull.into());
        }
        leaves.push(leaf?);
    }
    Ok(leaves)
}

/// Reads a bundle entry by entry, so that a damaged one still yields what is before the damage.
#[derive(Debug)]
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
    position: usize,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(bundle: &'a [u8]) -> Self {
        Self {
            rest: bundle,
            position: 0,
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<&'a [u8], TileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let split = self
            .rest
            .split_first_chunk::<2>()
            .and_then(|(length, rest)| {
                let length = usize::from(u16::from_be_bytes(*length));
                rest.split_at_checked(length)
            });
        let Some((leaf, rest)) = split else {
            self.rest = &[];
            return Some(Err(TileError::Truncated {
                position: self.position,
            }));
        };
        self.rest = rest;
        self.position += 1;
        Some(Ok(leaf))
    }
}

/// The largest possible entry bundle, in bytes.
pub(crate) const MAX_BUNDLE_BYTES: u64 = 256 * (2 + 65_535);
const _: () = assert!(
    MAX_LEAF_BYTES == 65_535,
    "the bundle limit follows the leaf limit"
);
