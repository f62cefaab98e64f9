//! Writing an export, entry by entry, in constant memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::{CHECKPOINT_FILE, FORMAT, FORMAT_FILE, KEY_FILE, ROWS_FILE};
use crate::checkpoint::{Checkpoint, CheckpointError, VerifierKey, open};
use crate::event::{LeafError, Row};
use crate::hash::Hash;
use crate::tile::{TILE_WIDTH, Tile, TileBuilder, TileError, TileKind, TilePath, encode_entry};

/// One entry as the database has it. Nothing here is recomputed from anything else, so that a difference shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportItem {
    /// The position in the log, from 0. Items come in order and without gaps.
    pub index: u64,
    /// The stored bytes of the leaf.
    pub leaf: Vec<u8>,
    /// The stored leaf hash.
    pub leaf_hash: Hash,
    /// The row that the pages show.
    pub row: Row,
}

/// What an export contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSummary {
    /// The checkpoint the export ends at.
    pub checkpoint: Checkpoint,
}

/// Why an export could not be written. A partial export has no `checkpoint` file and does not verify.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder exists and has something in it.
    #[error("{} is not empty: choose a new folder for the export", .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The checkpoint is not one of this key.
    #[error("the checkpoint to export is not acceptable")]
    Checkpoint(#[source] CheckpointError),
    /// An entry is missing from, or out of order in, what was handed in: the log's table was altered.
    #[error("entry {expected} is missing: the next entry is {found}")]
    Gap {
        /// The index that was due.
        expected: u64,
        /// The index that came.
        found: u64,
    },
    /// More or fewer entries than the checkpoint covers.
    #[error(
        "the checkpoint covers {expected} entries, {found} were exported: entries are missing or extra"
    )]
    Count {
        /// The size in the checkpoint.
        expected: u64,
        /// How many entries were handed in.
        found: u64,
    },
    /// An entry that does not fit a bundle.
    #[error("entry {index} cannot be exported")]
    Entry {
        /// Its position.
        index: u64,
        /// Why not.
        #[source]
        source: TileError,
    },
    /// A row that does not fit a line.
    #[error("the row of entry {index} cannot be exported")]
    Row {
        /// Its position.
        index: u64,
        /// Why not.
        #[source]
        source: LeafError,
    },
    /// The file system refused.
    #[error("cannot write {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// The source of the entries failed.
    #[error("cannot read the entries to export")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Writes a whole export into `dir`, which is created if need be and must be empty.
///
/// # Errors
/// [`ExportError`]; an error of the iterator comes back as [`ExportError::Source`].
pub fn write_export<E>(
    dir: &Path,
    checkpoint_note: &str,
    key: &VerifierKey,
    items: impl IntoIterator<Item = Result<ExportItem, E>>,
) -> Result<ExportSummary, ExportError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut writer = ExportWriter::create(dir, checkpoint_note, key)?;
    for item in items {
        writer.push(&item.map_err(|error| ExportError::Source(error.into()))?)?;
    }
    writer.finish()
}

/// Writes an export step by step, for callers whose entries arrive in pages.
#[derive(Debug)]
pub struct ExportWriter {
    dir: PathBuf,
    checkpoint: Checkpoint,
    note: String,
    hashes: TileBuilder,
    entries: Vec<u8>,
    rows: BufWriter<File>,
}

impl ExportWriter {
    /// Starts an export that ends at the checkpoint in `checkpoint_note`.
    ///
    /// # Errors
    /// [`ExportError::NotEmpty`], [`ExportError::Checkpoint`] if `key` did not sign it, [`ExportError::Io`].
    pub fn create(
        dir: &Path,
        checkpoint_note: &str,
        key: &VerifierKey,
    ) -> Result<Self, ExportError> {
        let checkpoint =
            open(checkpoint_note, std::slice::from_ref(key)).map_err(ExportError::Checkpoint)?;
        let io = |source| ExportError::Io {
            path: dir.to_owned(),
            source,
        };
        fs::create_dir_all(dir).map_err(io)?;
        if fs::read_dir(dir).map_err(io)?.next().is_some() {
            return Err(ExportError::NotEmpty {
                path: dir.to_owned(),
            });
        }
        write_file(dir, FORMAT_FILE, format!("{FORMAT}\n").as_bytes())?;
        write_file(dir, KEY_FILE, format!("{key}\n").as_bytes())?;
        let path = dir.join(ROWS_FILE);
        let rows = File::create(&path).map_err(|source| ExportError::Io { path, source })?;
        Ok(Self {
            dir: dir.to_owned(),
            checkpoint,
            note: checkpoint_note.to_owned(),
            hashes: TileBuilder::new(),
            entries: Vec::new(),
            rows: BufWriter::new(rows),
        })
    }

    /// Adds the next entry.
    ///
    /// # Errors
    /// [`ExportError::Gap`] if it is not the next one, [`ExportError::Entry`], [`ExportError::Row`], [`ExportError::Io`].
    pub fn push(&mut self, item: &ExportItem) -> Result<(), ExportError> {
        let index = self.hashes.size();
        if item.index != index {
            return Err(ExportError::Gap {
                expected: index,
                found: item.index,
            });
        }
        let refused = |source| ExportError::Entry { index, source };
        encode_entry(&item.leaf, &mut self.entries).map_err(|error| refused(error.into()))?;
        let tiles = self.hashes.push(item.leaf_hash).map_err(refused)?;
        self.write_tiles(&tiles)?;
        if self.hashes.size().is_multiple_of(u64::from(TILE_WIDTH)) {
            self.write_entries(index / u64::from(TILE_WIDTH), TILE_WIDTH)?;
        }
        let mut line = item
            .row
            .to_line()
            .map_err(|source| ExportError::Row { index, source })?;
        line.push(b'\n');
        self.rows
            .write_all(&line)
            .map_err(|source| self.rows_error(source))
    }

    /// Writes what is left, and the checkpoint last.
    ///
    /// # Errors
    /// [`ExportError::Count`] if the entries are not those of the checkpoint, [`ExportError::Io`].
    pub fn finish(mut self) -> Result<ExportSummary, ExportError> {
        let found = self.hashes.size();
        let expected = self.checkpoint.size;
        if found != expected {
            return Err(ExportError::Count { expected, found });
        }
        let width = u16::try_from(found % u64::from(TILE_WIDTH)).unwrap_or(0);
        if width > 0 {
            self.write_entries(found / u64::from(TILE_WIDTH), width)?;
        }
        let refused = |source| ExportError::Entry {
            index: found,
            source,
        };
        let tiles = std::mem::take(&mut self.hashes).finish().map_err(refused)?;
        self.write_tiles(&tiles)?;
        self.rows
            .flush()
            .map_err(|source| self.rows_error(source))?;
        write_file(&self.dir, CHECKPOINT_FILE, self.note.as_bytes())?;
        Ok(ExportSummary {
            checkpoint: self.checkpoint,
        })
    }

    fn write_entries(&mut self, number: u64, width: u16) -> Result<(), ExportError> {
        let index = number * u64::from(TILE_WIDTH);
        let path = TilePath::new(TileKind::Entries, number, width)
            .map_err(|source| ExportError::Entry { index, source })?;
        write_file(
            &self.dir,
            &path.to_string(),
            &std::mem::take(&mut self.entries),
        )
    }

    fn write_tiles(&self, tiles: &[Tile]) -> Result<(), ExportError> {
        tiles
            .iter()
            .try_for_each(|(path, bytes)| write_file(&self.dir, &path.to_string(), bytes))
    }

    fn rows_error(&self, source: io::Error) -> ExportError {
        ExportError::Io {
            path: self.dir.join(ROWS_FILE),
            source,
        }
    }
}

fn write_file(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
    let path = dir.join(name);
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)
    };
    write().map_err(|source| ExportError::Io {
        path: path.clone(),
        source,
    })
}
