//! Walks a source tree: bounded, in a stable order, never through a symbolic link.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::inventory::lock_files::is_lock_file;

/// Folders that hold no source of the agent.
const SKIPPED: &[&str] = &[".git", "__pycache__", "node_modules"];

/// Folders within folders.
const MAX_DEPTH: usize = 64;

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) max_files: usize,
    pub(crate) max_file_bytes: u64,
    /// Bytes of a lock file, where that is more: a part of one says nothing.
    pub(crate) max_lock_bytes: u64,
    pub(crate) max_total_bytes: u64,
}

impl Bounds {
    /// Bytes of the file with this name.
    fn of(&self, name: &str) -> u64 {
        if is_lock_file(name) {
            self.max_file_bytes.max(self.max_lock_bytes)
        } else {
            self.max_file_bytes
        }
    }
}

/// One file that was read.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// The file is longer than was read.
    pub(crate) cut: bool,
}

/// What a walk left out.
#[derive(Debug, Default)]
pub(crate) struct Skipped {
    pub(crate) links: usize,
    /// Names of folders that are skipped on purpose.
    pub(crate) folders: Vec<String>,
    /// The bounds ended the walk early.
    pub(crate) incomplete: bool,
    /// Names that could not be read.
    pub(crate) unreadable: Vec<String>,
}

/// Calls `visit` with every file under `root`. The root itself may be a link: it is ours.
pub(crate) fn walk(
    root: &Path,
    bounds: Bounds,
    mut visit: impl FnMut(File),
) -> std::io::Result<Skipped> {
    let mut skipped = Skipped::default();
    let mut files = 0;
    let mut left = bounds.max_total_bytes;
    let mut pending = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = pending.pop() {
        let entries = match entries(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => {
                skipped.unreadable.push(prefix);
                continue;
            }
        };
        let mut folders = Vec::new();
        for (name, path, kind) in entries {
            let name = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}/{name}")
            };
            let last = name.rsplit('/').next().unwrap_or_default();
            if kind.is_symlink() {
                skipped.links += 1;
            } else if kind.is_dir() && SKIPPED.contains(&last) {
                skipped.folders.push(name);
            } else if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((path, name, depth + 1));
            } else if kind.is_dir() {
                skipped.incomplete = true;
            } else if kind.is_file() {
                if files == bounds.max_files || left == 0 {
                    skipped.incomplete = true;
                    return Ok(skipped);
                }
                files += 1;
                match read(&path, bounds.of(&name).min(left)) {
                    Ok((bytes, cut)) => {
                        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                        visit(File { name, bytes, cut });
                    }
                    Err(_) => skipped.unreadable.push(name),
                }
            }
        }
        // The stack turns the order round.
        pending.extend(folders.into_iter().rev());
    }
    Ok(skipped)
}

fn entries(folder: &Path) -> std::io::Result<Vec<(String, PathBuf, fs::FileType)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // The type of the entry itself: a link is a link, wherever it leads.
        found.push((
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
            entry.file_type()?,
        ));
    }
    found.sort_by(|one, two| one.0.cmp(&two.0));
    Ok(found)
}

fn read(path: &Path, limit: u64) -> std::io::Result<(Vec<u8>, bool)> {
    let file = fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let cut = bytes.len() > limit;
    bytes.truncate(limit);
    Ok((bytes, cut))
}
