//! The offline verifier: one pass over the export in constant memory, no network, no database.

use std::path::Path;

use super::conclude::{Findings, Roots, Tampering, VerifyError, VerifyReport, note};
use super::files::{Content, first_unexpected, read};
use super::rows::{Rows, difference};
use super::{CHECKPOINT_FILE, FORMAT, FORMAT_FILE, KEY_FILE};
use crate::checkpoint::{Checkpoint, CheckpointError, KeyError, VerifierKey, open};
use crate::cosignature::{Cosignature, WitnessPolicy};
use crate::event::{ScannedLeaf, projection};
use crate::frontier::Frontier;
use crate::hash::Hash;
use crate::leaf::leaf_hash;
use crate::tile::{
    Entries, MAX_BUNDLE_BYTES, TILE_HEIGHT, TILE_WIDTH, Tile, TileBuilder, TileKind, TilePath,
};

const MAX_NOTE_BYTES: u64 = 1_000_000;
const MAX_SMALL_BYTES: u64 = 1_024;
const HASH_BYTES: usize = 32;

/// What the person who verifies knows beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions<'a> {
    /// The log's public key, from somewhere else than the export.
    pub trusted: Option<&'a VerifierKey>,
    /// Checkpoints seen before. The export must extend each: this is what finds a log that was cut or restored.
    pub earlier: &'a [Checkpoint],
    /// The witnesses that must have seen the checkpoint, by keys from somewhere else than the export: this is what finds a
    /// history that was rewritten and signed anew with the log's own key.
    pub witnesses: Option<&'a WitnessPolicy>,
}

/// What was verified, and what it takes to prove single entries of it.
pub(super) struct Verified {
    pub(super) report: VerifyReport,
    pub(super) verifier: VerifierKey,
    pub(super) note: String,
}

/// Verifies the export in `dir`, with the key in it unless a trusted one is given.
///
/// # Errors
/// [`VerifyError`]: tampered with, or unreadable.
pub fn verify_export(
    dir: &Path,
    trusted: Option<&VerifierKey>,
) -> Result<VerifyReport, VerifyError> {
    let options = VerifyOptions {
        trusted,
        ..VerifyOptions::default()
    };
    verify_export_with(dir, &options)
}

/// Verifies the export in `dir` against all that is known beforehand.
///
/// # Errors
/// [`VerifyError`]: tampered with, or unreadable.
pub fn verify_export_with(
    dir: &Path,
    options: &VerifyOptions<'_>,
) -> Result<VerifyReport, VerifyError> {
    verify_export_seeing(dir, options, &mut |_, _| {}).map(|verified| verified.report)
}

/// The same, with a look at every entry on the way. What was seen counts only if the export holds.
pub(super) fn verify_export_seeing(
    dir: &Path,
    options: &VerifyOptions<'_>,
    see: &mut dyn FnMut(u64, &[u8]),
) -> Result<Verified, VerifyError> {
    check_format(dir)?;
    let key = read_key(dir, options.trusted)?;
    let (checkpoint, note) = read_checkpoint(dir, &key)?;
    check_sizes(&checkpoint, options.earlier)?;

    let (findings, roots) = Walk::new(dir, &checkpoint, options.earlier, see)?.run()?;
    findings.conclude(&roots)?;
    check_extra_files(dir, checkpoint.size)?;
    // After the walk, which may say more exactly what is wrong.
    let witnesses = check_witnesses(&note, options.witnesses)?;
    Ok(Verified {
        report: VerifyReport {
            origin: checkpoint.origin,
            size: checkpoint.size,
            root: checkpoint.root,
            key: key.to_string(),
            key_is_trusted: options.trusted.is_some(),
            earlier_checkpoints: options.earlier.len(),
            quorum: options.witnesses.map(WitnessPolicy::quorum),
            witnesses,
        },
        verifier: key,
        note,
    })
}

/// Compares only what pages show with what the entries say, up to the size in the checkpoint. It says nothing of whether the
/// entries are those that were signed. Answers how many there are.
///
/// # Errors
/// [`VerifyError`]: a row differs, or something is unreadable.
pub fn verify_rows(dir: &Path, trusted: Option<&VerifierKey>) -> Result<u64, VerifyError> {
    check_format(dir)?;
    let key = read_key(dir, trusted)?;
    let (checkpoint, _) = read_checkpoint(dir, &key)?;
    let (findings, _) = Walk::new(dir, &checkpoint, &[], &mut |_, _| {})?.run()?;
    findings.conclude_rows()?;
    Ok(checkpoint.size)
}

fn check_format(dir: &Path) -> Result<(), VerifyError> {
    if required(dir, FORMAT_FILE, MAX_SMALL_BYTES)? != format!("{FORMAT}\n").as_bytes() {
        let problem = format!(
            "not an export in the form {FORMAT}: use the verifier of the program that wrote it"
        );
        return Err(VerifyError::unreadable(FORMAT_FILE, problem));
    }
    Ok(())
}

fn read_key(dir: &Path, trusted: Option<&VerifierKey>) -> Result<VerifierKey, VerifyError> {
    let bytes = required(dir, KEY_FILE, MAX_SMALL_BYTES)?;
    let line = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    let parsed = line
        .ok_or(KeyError::VerifierKey)
        .and_then(str::parse::<VerifierKey>);
    let key = parsed.map_err(|error| VerifyError::tampered(None, Tampering::Key(error)))?;
    if trusted.is_some_and(|trusted| *trusted != key) {
        return Err(VerifyError::tampered(None, Tampering::UntrustedKey));
    }
    Ok(key)
}

/// The checkpoint, and the note that it stands in.
fn read_checkpoint(dir: &Path, key: &VerifierKey) -> Result<(Checkpoint, String), VerifyError> {
    let bytes = required(dir, CHECKPOINT_FILE, MAX_NOTE_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| CheckpointError::MalformedNote);
    let opened = text.and_then(|text| Ok((open(&text, std::slice::from_ref(key))?, text)));
    opened.map_err(|error| VerifyError::tampered(None, Tampering::Checkpoint(error)))
}

/// A small file without which there is nothing to judge.
fn required(dir: &Path, name: &str, max: u64) -> Result<Vec<u8>, VerifyError> {
    match read(dir, name, max)? {
        Content::Bytes(bytes) => Ok(bytes),
        Content::Missing => Err(VerifyError::unreadable(
            name,
            "no such file: the folder is not a complete export",
        )),
        Content::Implausible => Err(VerifyError::unreadable(name, "not a file, or far too long")),
    }
}

fn check_sizes(checkpoint: &Checkpoint, earlier: &[Checkpoint]) -> Result<(), VerifyError> {
    for before in earlier {
        if before.origin != checkpoint.origin {
            let origin = before.origin.clone();
            let what = Tampering::Checkpoint(CheckpointError::ForeignOrigin { origin });
            return Err(VerifyError::tampered(None, what));
        }
        if before.size > checkpoint.size {
            let what = Tampering::RolledBack {
                earlier: before.size,
                size: checkpoint.size,
            };
            return Err(VerifyError::tampered(Some(checkpoint.size), what));
        }
    }
    Ok(())
}

fn check_witnesses(
    note: &str,
    policy: Option<&WitnessPolicy>,
) -> Result<Vec<Cosignature>, VerifyError> {
    let Some(policy) = policy else {
        return Ok(Vec::new());
    };
    let checked = policy.check(note);
    checked.map_err(|error| VerifyError::tampered(None, Tampering::Checkpoint(error.into())))
}

fn check_extra_files(dir: &Path, size: u64) -> Result<(), VerifyError> {
    let expected = |path: &str| path.parse::<TilePath>().is_ok_and(|tile| tile.is_of(size));
    match first_unexpected(dir, expected)? {
        Some(path) => Err(VerifyError::tampered(None, Tampering::ExtraFile { path })),
        None => Ok(()),
    }
}

/// The pass over all entries.
struct Walk<'a> {
    dir: &'a Path,
    checkpoint: &'a Checkpoint,
    earlier: &'a [Checkpoint],
    /// The tree as the entries make it.
    tree: TileBuilder,
    /// The tree as the stored leaf hashes make it, while they can be read.
    stored: Option<Frontier>,
    rows: Rows,
    /// The line that the row of the entry at hand should have; kept for its memory.
    expected: Vec<u8>,
    see: &'a mut dyn FnMut(u64, &[u8]),
    findings: Findings,
}

impl<'a> Walk<'a> {
    fn new(
        dir: &'a Path,
        checkpoint: &'a Checkpoint,
        earlier: &'a [Checkpoint],
        see: &'a mut dyn FnMut(u64, &[u8]),
    ) -> Result<Self, VerifyError> {
        Ok(Self {
            dir,
            checkpoint,
            earlier,
            tree: TileBuilder::new(),
            stored: Some(Frontier::new()),
            rows: Rows::open(dir)?,
            expected: Vec::new(),
            see,
            findings: Findings::default(),
        })
    }

    fn run(mut self) -> Result<(Findings, Roots), VerifyError> {
        let size = self.checkpoint.size;
        self.check_earlier();
        while self.tree.size() < size && self.findings.broken.is_none() {
            self.walk_bundle()?;
        }
        let of_entries = self.tree.root();
        for tile in std::mem::take(&mut self.tree)
            .finish()
            .map_err(|error| self.limit(error))?
        {
            self.compare_tile(&tile)?;
        }
        if self.findings.broken.is_none() && self.rows.next_line()?.is_some() {
            note(&mut self.findings.row, size, "row without an entry");
        }
        let of_stored_hashes = self.stored.map(|stored| stored.root());
        let roots = Roots {
            signed: self.checkpoint.root,
            of_entries,
            of_stored_hashes,
        };
        Ok((self.findings, roots))
    }

    /// Reads the next entry bundle and every entry in it.
    fn walk_bundle(&mut self) -> Result<(), VerifyError> {
        let start = self.tree.size();
        let width = (self.checkpoint.size - start).min(u64::from(TILE_WIDTH));
        let path = TilePath::new(
            TileKind::Entries,
            start / u64::from(TILE_WIDTH),
            u16::try_from(width).unwrap_or(TILE_WIDTH),
        )
        .map_err(|error| self.limit(error))?
        .to_string();
        let Content::Bytes(bytes) = read(self.dir, &path, MAX_BUNDLE_BYTES)? else {
            note(&mut self.findings.broken, start, path);
            return Ok(());
        };
        for leaf in Entries::new(&bytes) {
            let (Ok(leaf), true) = (leaf, self.tree.size() < start + width) else {
                note(&mut self.findings.broken, self.tree.size(), path);
                return Ok(());
            };
            self.walk_entry(leaf)?;
        }
        if self.tree.size() < start + width {
            note(&mut self.findings.broken, self.tree.size(), path);
        }
        Ok(())
    }

    fn walk_entry(&mut self, leaf: &[u8]) -> Result<(), VerifyError> {
        let index = self.tree.size();
        (self.see)(index, leaf);
        let hash = leaf_hash(leaf);
        let full = self.tree.push(hash).map_err(|error| self.limit(error))?;
        for tile in full {
            self.compare_tile(&tile)?;
        }
        self.check_earlier();
        let line = self.rows.next_line()?;
        if let Some(scanned) = ScannedLeaf::read(leaf) {
            scanned.write_row(index, hash, &mut self.expected);
            if line == Some(self.expected.as_slice()) {
                return Ok(());
            }
        }
        // Something is wrong, so it is worth the time to say what.
        match projection(index, leaf).and_then(|row| difference(line, &row)) {
            Ok(Some(column)) => note(&mut self.findings.row, index, column),
            Ok(None) => {}
            Err(error) => note(&mut self.findings.leaf, index, error),
        }
        Ok(())
    }

    fn check_earlier(&mut self) {
        let size = self.tree.size();
        let due = self.earlier.iter().filter(|before| before.size == size);
        if due.clone().count() > 0 {
            let root = self.tree.root();
            if due.clone().any(|before| before.root != root) {
                self.findings.forked = self.findings.forked.or(Some(size));
            }
        }
    }

    /// Compares a tile made from the entries with the one in the export.
    fn compare_tile(&mut self, (path, made): &Tile) -> Result<(), VerifyError> {
        let TileKind::Hashes { level } = path.kind() else {
            return Ok(());
        };
        let Some(path) = self.path_in_export(*path) else {
            return Ok(());
        };
        let length = usize::from(path.width()) * HASH_BYTES;
        let found = match read(self.dir, &path.to_string(), crate::number::to_u64(length))? {
            Content::Bytes(bytes) if bytes.len() == length => bytes,
            Content::Bytes(_) | Content::Missing | Content::Implausible => Vec::new(),
        };
        let span = 1_u64
            .checked_shl(u32::from(level) * TILE_HEIGHT)
            .unwrap_or(u64::MAX);
        let mut pairs = made
            .chunks(HASH_BYTES)
            .zip(found.chunks(HASH_BYTES))
            .zip(path.range());
        let differing = pairs
            .find(|((made, found), _)| made != found)
            .map(|(_, n)| n * span);
        let absent = found.is_empty().then_some(path.range().start * span);
        if let Some(index) = differing.filter(|_| level == 0) {
            note(&mut self.findings.tile, index, path.to_string());
            note(&mut self.findings.entry, index, ());
        } else if let Some(index) = differing.or(absent) {
            note(&mut self.findings.coarse, index, path.to_string());
        }
        if level == 0 {
            self.follow_stored(&found);
        }
        Ok(())
    }

    /// The path under which the export should have the tile. They differ where the walk had to stop inside a tile: then the
    /// leaf hashes before that point can still be compared, and nothing above them.
    fn path_in_export(&self, made: TilePath) -> Option<TilePath> {
        if self.findings.broken.is_none() || made.is_full() {
            return Some(made);
        }
        let left = self.checkpoint.size.checked_sub(made.range().start)?;
        let width = u16::try_from(left).unwrap_or(TILE_WIDTH).min(TILE_WIDTH);
        let path = TilePath::new(made.kind(), made.number(), width).ok()?;
        (made.kind() == TileKind::Hashes { level: 0 }).then_some(path)
    }

    fn follow_stored(&mut self, tile: &[u8]) {
        let follow = |mut stored: Frontier| {
            for hash in tile.chunks(HASH_BYTES) {
                stored.push(Hash::from_slice(hash).ok()?).ok()?;
            }
            Some(stored)
        };
        // An unreadable tile ends it: what follows would be at the wrong place.
        self.stored = self
            .stored
            .take()
            .filter(|_| !tile.is_empty())
            .and_then(follow);
    }

    /// The checkpoint's size is within the limit, so the tree cannot outgrow it; say so rather than stop the program.
    fn limit(&self, error: crate::tile::TileError) -> VerifyError {
        VerifyError::unreadable(CHECKPOINT_FILE, error)
    }
}
