//! From a stream of leaf hashes to the hash tiles of the tree, in constant memory. The writer stores what comes out, the
//! verifier compares it with what was stored.

use super::{TILE_HEIGHT, TILE_WIDTH, TileError, TileKind, TilePath};
use crate::frontier::Frontier;
use crate::hash::Hash;

/// A finished hash tile: where it goes and its bytes, 32 per hash.
pub type Tile = (TilePath, Vec<u8>);

/// Builds the tree entry by entry and hands out each tile once, when it is full or at the end.
#[derive(Debug, Clone, Default)]
pub struct TileBuilder {
    frontier: Frontier,
    levels: Vec<OpenTile>,
}

#[derive(Debug, Clone, Default)]
struct OpenTile {
    number: u64,
    bytes: Vec<u8>,
}

impl TileBuilder {
    /// A builder for a tree from its first entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries were pushed.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root of the tree so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends one entry and returns the tiles that became full, lowest level first.
    ///
    /// # Errors
    /// [`crate::LogError::SizeTooLarge`] at the size limit of the tree.
    pub fn push(&mut self, leaf_hash: Hash) -> Result<Vec<Tile>, TileError> {
        let completed = self.frontier.push(leaf_hash)?;
        let mut full = Vec::new();
        // The n-th hash is of a subtree n levels above the leaves; every eighth level is in a tile.
        for (level, (_, hash)) in completed.iter().step_by(8).enumerate() {
            if self.levels.len() <= level {
                self.levels.push(OpenTile::default());
            }
            if let Some(open) = self.levels.get_mut(level) {
                open.bytes.extend_from_slice(hash.as_bytes());
                if open.width() == TILE_WIDTH {
                    full.push(open.close(level)?);
                }
            }
        }
        Ok(full)
    }

    /// The partial tiles at the right edge, lowest level first.
    ///
    /// # Errors
    /// None that pushing would not have reported.
    pub fn finish(mut self) -> Result<Vec<Tile>, TileError> {
        let open = self
            .levels
            .iter_mut()
            .enumerate()
            .filter(|(_, tile)| !tile.bytes.is_empty());
        open.map(|(level, tile)| tile.close(level)).collect()
    }
}

impl OpenTile {
    fn width(&self) -> u16 {
        u16::try_from(self.bytes.len() / 32).unwrap_or(TILE_WIDTH)
    }

    fn close(&mut self, level: usize) -> Result<Tile, TileError> {
        let level = u8::try_from(level).map_err(|_| TileError::Path)?;
        let path = TilePath::new(TileKind::Hashes { level }, self.number, self.width())?;
        self.number += 1;
        Ok((path, std::mem::take(&mut self.bytes)))
    }
}

const _: () = assert!(TILE_HEIGHT == 8, "push takes every eighth level");
