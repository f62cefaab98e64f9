//! Lists a folder for packing: in a fixed order, within limits, without what must not be in an image.
//!
//! Refuses links that lead out, special files, and names that image layers reserve.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{At, BuildError, Part};
use crate::links;

/// What to list, and how much of it at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scan<'a> {
    pub(crate) part: Part,
    /// File and folder names that are left out wherever they occur.
    pub(crate) exclude: &'a [&'a str],
    pub(crate) max_bytes: u64,
    pub(crate) max_files: u64,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Directory,
    File { executable: bool },
    Symlink { target: PathBuf },
}

#[derive(Debug)]
pub(crate) struct Entry {
    /// Relative to the root.
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

/// The entries of a folder, parents before children, in the order of their names.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    pub(crate) entries: Vec<Entry>,
    /// Number of files and links.
    pub(crate) files: u64,
}

impl Scan<'_> {
    pub(crate) fn list(&self, root: &Path) -> Result<Tree, BuildError> {
        let mut tree = Tree {
            root: root.to_path_buf(),
            entries: Vec::new(),
            files: 0,
        };
        let mut bytes = 0_u64;
        let mut pending = vec![PathBuf::new()];
        while let Some(folder) = pending.pop() {
            let full = root.join(&folder);
            for found in fs::read_dir(&full).at(&full)? {
                let found = found.at(&full)?;
                let name = found.file_name();
                if self.exclude.iter().any(|e| name == *e) {
                    continue;
                }
                let path = folder.join(&name);
                if name.as_bytes().starts_with(b".wh.") {
                    let reason = "a name that image layers reserve";
                    return Err(BuildError::UnsupportedFile { path, reason });
                }
                let kind = self.kind(root, &path, &mut bytes)?;
                match &kind {
                    Kind::Directory => pending.push(path.clone()),
                    Kind::File { .. } | Kind::Symlink { .. } => tree.files += 1,
                }
                tree.entries.push(Entry { path, kind });
                self.check(bytes, tree.entries.len())?;
            }
        }
        tree.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn kind(&self, root: &Path, path: &Path, bytes: &mut u64) -> Result<Kind, BuildError> {
        let full = root.join(path);
        let found = fs::symlink_metadata(&full).at(&full)?;
        if found.is_dir() {
            return Ok(Kind::Directory);
        }
        if found.is_file() {
            *bytes = bytes.saturating_add(found.len());
            let executable = found.permissions().mode() & 0o111 != 0;
            return Ok(Kind::File { executable });
        }
        if !found.is_symlink() {
            return Err(BuildError::UnsupportedFile {
                path: path.to_path_buf(),
                reason: "a device, socket or pipe",
            });
        }
        let target = fs::read_link(&full).at(&full)?;
        if !links::stays_inside(root, path, &target).at(&full)? {
            return Err(BuildError::EscapingSymlink(path.to_path_buf()));
        }
        Ok(Kind::Symlink { target })
    }

    fn check(&self, bytes: u64, entries: usize) -> Result<(), BuildError> {
        if bytes > self.max_bytes {
            return Err(BuildError::TooLarge {
                part: self.part,
                limit_bytes: self.max_bytes,
            });
        }
        if u64::try_from(entries).unwrap_or(u64::MAX) > self.max_files {
            return Err(BuildError::TooManyFiles {
                part: self.part,
                limit: self.max_files,
            });
        }
        Ok(())
    }
}
