//! Temporary files and folders that outlive nobody.
//!
//! Each is locked by the process that made it, so that a sweep can tell what a killed process left behind from what
//! another process is still writing. The kernel releases the lock when the owner dies, however it dies.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::digest::Digest;
use crate::error::{At, FileError};

/// A locked temporary folder, removed on drop.
#[derive(Debug)]
pub(crate) struct ScratchDir {
    dir: tempfile::TempDir,
    _lock: File,
}

impl ScratchDir {
    /// Makes `parent/<prefix>…`.
    pub(crate) fn create(parent: &Path, prefix: &str) -> Result<Self, FileError> {
        loop {
            let dir = tempfile::Builder::new()
                .prefix(prefix)
                .tempdir_in(parent)
                .at(parent)?;
            let lock = File::open(dir.path()).at(dir.path())?;
            lock.lock().at(dir.path())?;
            // A sweep may have come between creating and locking; then the folder is gone and a new one is made.
            if lock.metadata().at(dir.path())?.nlink() > 0 && dir.path().exists() {
                return Ok(Self { dir, _lock: lock });
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Moves the folder to `destination`; on failure it is removed as usual.
    pub(crate) fn rename_to(self, destination: &Path) -> io::Result<()> {
        fs::rename(self.dir.path(), destination)?;
        let _moved: PathBuf = self.dir.keep();
        Ok(())
    }
}

/// A locked temporary file, removed on drop unless it is persisted.
#[derive(Debug)]
pub(crate) struct ScratchFile(NamedTempFile);

/// Scratch files carry this prefix.
const FILE_PREFIX: &str = "part-";

impl ScratchFile {
    pub(crate) fn create(parent: &Path) -> Result<Self, FileError> {
        loop {
            let file = tempfile::Builder::new()
                .prefix(FILE_PREFIX)
                .tempfile_in(parent)
                .at(parent)?;
            file.as_file().lock().at(file.path())?;
            if file.as_file().metadata().at(file.path())?.nlink() > 0 {
                return Ok(Self(file));
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self) -> &File {
        self.0.as_file()
    }

    /// Flushes to the disk and renames, so that `destination` is either absent, old or complete.
    pub(crate) fn persist(self, destination: &Path) -> Result<(), FileError> {
        use std::os::unix::fs::PermissionsExt;
        let file = self.0.as_file();
        file.set_permissions(fs::Permissions::from_mode(0o644))
            .at(self.0.path())?;
        file.sync_all().at(self.0.path())?;
        self.0
            .persist(destination)
            .map_err(|failed| failed.error)
            .at(destination)?;
        sync_parent(destination)
    }
}

/// A complete blob that has no name yet.
#[derive(Debug)]
pub(crate) struct StagedBlob {
    pub(crate) file: ScratchFile,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
}

impl StagedBlob {
    /// Stages bytes that are in memory.
    pub(crate) fn of(parent: &Path, bytes: &[u8]) -> Result<Self, FileError> {
        let scratch = ScratchFile::create(parent)?;
        let mut file = scratch.file();
        file.write_all(bytes).at(scratch.path())?;
        Ok(Self {
            digest: Digest::of(bytes),
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            file: scratch,
        })
    }
}

/// Writes a small file so that a crash leaves the old content or the new, never a part.
pub(crate) fn write_atomically(
    scratch: &Path,
    destination: &Path,
    bytes: &[u8],
) -> Result<(), FileError> {
    let file = ScratchFile::create(scratch)?;
    file.file().write_all(bytes).at(file.path())?;
    file.persist(destination)
}

/// Flushes the folder of `path`, so that a rename or removal survives a power cut.
pub(crate) fn sync_parent(path: &Path) -> Result<(), FileError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    File::open(parent).and_then(|dir| dir.sync_all()).at(parent)
}

/// Removes entries of `parent` that start with `prefix` and have no living owner.
pub(crate) fn sweep(parent: &Path, prefix: &str) -> Result<(), FileError> {
    let entries = match fs::read_dir(parent) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.at(parent)?,
    };
    for entry in entries {
        let entry = entry.at(parent)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            sweep_one(&entry.path());
        }
    }
    Ok(())
}

/// Removes every ownerless scratch file of `parent`.
pub(crate) fn sweep_files(parent: &Path) -> Result<(), FileError> {
    sweep(parent, FILE_PREFIX)
}

fn sweep_one(path: &Path) {
    let Ok(handle) = File::open(path) else { return };
    if handle.try_lock().is_err() {
        return;
    }
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    if let Err(error) = removed {
        tracing::warn!(path = %path.display(), %error, "a leftover could not be removed");
    }
}
