//! File locks. Owns the one way in which this crate proves that a process lives: it holds a lock that the kernel
//! drops at its death. Refuses process-id files.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::FileError;

/// A lock that is held until this is dropped (or its process dies).
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock if nobody has it. `None` if somebody has.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>, FileError> {
        let failed = |source| FileError {
            action: "lock",
            path: path.to_owned(),
            source,
        };
        loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .open(path)
                .map_err(failed)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(error) => return Err(failed(error.into())),
            }
            // The last holder may have deleted the file between our open and our lock: then we hold nothing.
            let held = file.metadata().map_err(failed)?.ino();
            if std::fs::metadata(path).is_ok_and(|there| there.ino() == held) {
                return Ok(Some(Self { _file: file }));
            }
        }
    }

    /// Whether somebody holds the lock at this moment. A missing file is held by nobody and is not created.
    pub(crate) fn is_held(path: &Path) -> Result<bool, FileError> {
        let failed = |source| FileError {
            action: "test the lock",
            path: path.to_owned(),
            source,
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        // A shared lock, so that two who merely look do not see each other.
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => Ok(false),
            Err(Errno::WOULDBLOCK) => Ok(true),
            Err(error) => Err(failed(error.into())),
        }
    }
}
