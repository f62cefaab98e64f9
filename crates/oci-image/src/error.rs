//! What can go wrong, as closed types that say what to do.
//!
//! The text of an underlying error is never part of `Display`; it is the `source`, for the log.

use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;

/// Why the image store refused or could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The text cannot name an image.
    #[error(
        "{0:?} is not an image reference: use letters, digits and single `-._:@/+` between them, at most 255 characters"
    )]
    InvalidReference(String),
    /// The store has no such manifest or blob.
    #[error("the image store has no {0}; build the version again")]
    NotFound(Digest),
    /// A blob's content does not match its name, or is not what the format demands.
    #[error("{digest} in the image store is damaged ({reason}); build the version again")]
    Damaged {
        /// The blob.
        digest: Digest,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The folder holds something that is not an OCI image layout of version 1.
    #[error(
        "{path} is not an OCI image layout ({reason}); point the data folder elsewhere or restore it"
    )]
    NotALayout {
        /// The offending file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A layer holds an entry that could write outside the destination or gain rights there.
    #[error("the image cannot be unpacked: {path:?} {reason}")]
    UnsafeEntry {
        /// The entry's path as the layer spells it.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A layer uses a compression or media type that this store does not read.
    #[error("the image cannot be unpacked: layers of type {0:?} are not supported")]
    UnsupportedLayer(String),
    /// The image unpacks to more than the limits allow.
    #[error("the image cannot be unpacked: it is larger than {limit} {unit}")]
    TooLarge {
        /// The limit that was passed.
        limit: u64,
        /// `bytes` or `files`.
        unit: &'static str,
    },
    /// The destination exists and holds something other than this image.
    #[error("{0} exists and holds something else; remove it or unpack elsewhere")]
    DestinationTaken(PathBuf),
    /// The disk or the quota is full.
    #[error("no space is left for {0}; free some space and try again")]
    DiskFull(PathBuf),
    /// The file system refused.
    #[error("the file system refused access to {path}")]
    Io {
        /// What was being read or written.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The blocking task was stopped, as at shutdown.
    #[error("the operation was interrupted; it can be repeated")]
    Interrupted,
}

/// What a size limit applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The agent's own files.
    Source,
    /// The installed packages.
    Dependencies,
}

impl Part {
    /// The word used in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Dependencies => "dependencies",
        }
    }
}

/// Why an image could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A field of the request makes no sense.
    #[error("the build request is invalid: {field} {reason}")]
    InvalidRequest {
        /// The field of `BuildRequest`.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The source folder does not exist or is not a folder.
    #[error("the source folder {0} does not exist")]
    SourceMissing(PathBuf),
    /// The requirements file is not in the source tree.
    #[error(
        "the requirements file {0} is not in the source tree; add it or correct the agent manifest"
    )]
    NotFound(PathBuf),
    /// The requirements file asks for something that is not allowed.
    #[error("{path}, line {line}: {reason}")]
    RequirementsRefused {
        /// The file, relative to the source tree.
        path: PathBuf,
        /// Line number, from 1; 0 for the file as a whole.
        line: usize,
        /// What is refused and what to do.
        reason: String,
    },
    /// A symbolic link leads out of the tree.
    #[error(
        "the symbolic link {0} leads out of the tree; remove it or make it relative and inside"
    )]
    EscapingSymlink(PathBuf),
    /// A device, socket or pipe, or a name that image layers reserve.
    #[error("{path} cannot be part of an image: it is {reason}")]
    UnsupportedFile {
        /// Relative to the tree.
        path: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// The files are larger than the limit.
    #[error("the {part} is larger than {limit_bytes} bytes; remove what is not needed or raise the limit", part = .part.as_str())]
    TooLarge {
        /// What was too large.
        part: Part,
        /// The limit that was passed.
        limit_bytes: u64,
    },
    /// There are more files than the limit.
    #[error("the {part} has more than {limit} files; remove what is not needed or raise the limit", part = .part.as_str())]
    TooManyFiles {
        /// What had too many files.
        part: Part,
        /// The limit that was passed.
        limit: u64,
    },
    /// The interpreter could not be started.
    #[error(
        "the Python interpreter {python:?} was not found; install Python 3 with pip, or name another interpreter in the configuration"
    )]
    InterpreterMissing {
        /// The command that was tried.
        python: String,
    },
    /// The interpreter started and did not answer as Python 3 does.
    #[error(
        "{python:?} does not work as a Python 3 interpreter; check that it starts, or name another in the configuration"
    )]
    InterpreterBroken {
        /// The command that was tried.
        python: String,
        /// The last lines it printed.
        last_lines: Vec<String>,
    },
    /// The interpreter has no pip.
    #[error(
        "{python:?} has no pip; install it (for example the package python3-pip, or `{python} -m ensurepip`)"
    )]
    PipMissing {
        /// The command that was tried.
        python: String,
    },
    /// pip ended with an error.
    #[error("installing the dependencies failed{}: {}", exit.map(|code| format!(" with exit code {code}")).unwrap_or_default(), last_lines.last().map_or("pip printed nothing", String::as_str))]
    InstallFailed {
        /// pip's exit code; none if a signal ended it.
        exit: Option<i32>,
        /// The last lines that it printed, oldest first.
        last_lines: Vec<String>,
    },
    /// pip did not finish in time and was stopped.
    #[error(
        "installing the dependencies took longer than {limit_seconds} seconds and was stopped; raise the limit or reduce the dependencies"
    )]
    TimedOut {
        /// The limit that was passed.
        limit_seconds: u64,
    },
    /// The disk or the quota is full.
    #[error("no space is left for {0}; free some space and try again")]
    DiskFull(PathBuf),
    /// The file system refused.
    #[error("the file system refused access to {path}")]
    Io {
        /// What was being read or written.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The image could not be stored.
    #[error("the built image could not be stored")]
    Store(#[source] StoreError),
    /// The SBOM could not be written.
    #[error("the SBOM could not be written: {0}")]
    Sbom(&'static str),
    /// The blocking task was stopped, as at shutdown.
    #[error("the build was interrupted; it can be repeated")]
    Interrupted,
}

/// Whose doing a failed build is: it decides between *failed* and *errored*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The source is bad: building the same commit again will fail again.
    Source,
    /// The machine or the package index is: building again may work.
    Environment,
}

impl BuildError {
    /// Whether the source or the environment is at fault.
    ///
    /// pip has one exit code for both, so its last lines decide: signs of a network problem mean the environment.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::InvalidRequest { .. }
            | Self::NotFound(_)
            | Self::RequirementsRefused { .. }
            | Self::EscapingSymlink(_)
            | Self::UnsupportedFile { .. }
            | Self::TooLarge { .. }
            | Self::TooManyFiles { .. } => Fault::Source,
            Self::InstallFailed { last_lines, .. } => install_fault(last_lines),
            Self::SourceMissing(_)
            | Self::InterpreterMissing { .. }
            | Self::InterpreterBroken { .. }
            | Self::PipMissing { .. }
            | Self::TimedOut { .. }
            | Self::DiskFull(_)
            | Self::Io { .. }
            | Self::Store(_)
            | Self::Sbom(_)
            | Self::Interrupted => Fault::Environment,
        }
    }
}

fn install_fault(lines: &[String]) -> Fault {
    const NETWORK: [&str; 8] = [
        "Retrying (Retry(",
        "Max retries exceeded",
        "Could not fetch URL",
        "HTTP error 5",
        "Connection",
        "Temporary failure in name resolution",
        "ReadTimeout",
        "No space left on device",
    ];
    if lines.iter().any(|l| NETWORK.iter().any(|n| l.contains(n))) {
        Fault::Environment
    } else {
        Fault::Source
    }
}

/// An I/O error with the path it happened at; becomes either public error.
#[derive(Debug)]
pub(crate) struct FileError {
    path: PathBuf,
    source: io::Error,
}

impl FileError {
    pub(crate) fn new(path: &Path, source: io::Error) -> Self {
        Self {
            path: path.to_path_buf(),
            source,
        }
    }

    fn disk_full(&self) -> bool {
        [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded].contains(&self.source.kind())
    }
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        if error.disk_full() {
            return Self::DiskFull(error.path);
        }
        Self::Io {
            path: error.path,
            source: error.source,
        }
    }
}

impl From<FileError> for BuildError {
    fn from(error: FileError) -> Self {
        if error.disk_full() {
            return Self::DiskFull(error.path);
        }
        Self::Io {
            path: error.path,
            source: error.source,
        }
    }
}

impl From<StoreError> for BuildError {
    fn from(error: StoreError) -> Self {
        if let StoreError::DiskFull(path) = error {
            return Self::DiskFull(path);
        }
        Self::Store(error)
    }
}

/// Names the path of an I/O result.
pub(crate) trait At<T> {
    fn at(self, path: &Path) -> Result<T, FileError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, FileError> {
        self.map_err(|source| FileError::new(path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let path = Path::new("/data");
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let stored = StoreError::from(FileError::new(path, kind.into()));
            assert!(matches!(stored, StoreError::DiskFull(_)));
            assert!(matches!(BuildError::from(stored), BuildError::DiskFull(_)));
        }
        let other = FileError::new(path, io::ErrorKind::PermissionDenied.into());
        assert!(matches!(BuildError::from(other), BuildError::Io { .. }));
    }

    #[test]
    fn messages_do_not_repeat_the_source() {
        let failed = BuildError::InstallFailed {
            exit: None,
            last_lines: Vec::new(),
        };
        let text = failed.to_string();
        assert_eq!(
            text,
            "installing the dependencies failed: pip printed nothing"
        );
    }
}
