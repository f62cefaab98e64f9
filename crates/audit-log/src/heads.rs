//! What was signed last, in a file of the signer's own: one line a log, origin, size and root. Whoever changes the database does
//! not change this, so it tells a database that was set back from one that grew.
//!
//! The file is replaced as a whole, after its content is on the disk, and under a lock: of two processes that sign, one waits.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;

/// The file holds one line for each log, and a signer or witness has few of them.
const MAX_BYTES: u64 = 1_000_000;

/// The file of the heads that were signed.
#[derive(Debug, Clone)]
pub struct HeadsFile {
    path: PathBuf,
}

/// Why the file cannot be used. Then nothing is signed.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The file system refused.
    #[error("{} cannot be read or written", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// Not what was written.
    #[error(
        "{} does not hold the sizes and roots that were signed: restore it from a copy, or remove it if you know why it is so", .path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

impl HeadsFile {
    /// The file at `path`, which need not exist yet; its folder does.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What is remembered, by origin.
    ///
    /// # Errors
    /// [`HeadsError`].
    pub fn read(&self) -> Result<BTreeMap<String, Checkpoint>, HeadsError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.io(error)),
        };
        let mut text = String::new();
        let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
        read.map_err(|error| self.io(error))?;
        let whole = text.is_empty() || text.ends_with('\n');
        let heads: Option<Vec<Checkpoint>> = text.lines().map(parse).collect();
        match heads {
            Some(heads) if whole && crate::number::to_u64(text.len()) <= MAX_BYTES => Ok(heads
                .into_iter()
                .map(|head| (head.origin.clone(), head))
                .collect()),
            Some(_) | None => Err(HeadsError::Damaged {
                path: self.path.clone(),
            }),
        }
    }

    /// Decides on the head that is remembered for `origin` and keeps the one that comes out, before anything is answered.
    ///
    /// # Errors
    /// What `decide` came to, or [`HeadsError`]; then what is remembered stays as it is.
    pub fn update<T, E: From<HeadsError>>(
        &self,
        origin: &str,
        decide: impl FnOnce(Option<&Checkpoint>) -> Result<(Checkpoint, T), E>,
    ) -> Result<T, E> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path.with_extension("lock"));
        let lock = lock.map_err(|error| self.io(error))?;
        lock.lock().map_err(|error| self.io(error))?;
        let mut heads = self.read()?;
        let (head, answer) = decide(heads.get(origin))?;
        if heads.get(origin) != Some(&head) {
            heads.insert(origin.to_owned(), head);
            self.write(&heads).map_err(|error| self.io(error))?;
        }
        // The lock ends with its file.
        Ok(answer)
    }

    fn write(&self, heads: &BTreeMap<String, Checkpoint>) -> io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let fresh = self.path.with_extension("new");
        let mut file = create_private(&fresh)?;
        for head in heads.values() {
            let root = head.root.to_base64();
            writeln!(file, "{} {} {root}", head.origin, head.size)?;
        }
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        File::open(folder)?.sync_all()
    }

    fn io(&self, source: io::Error) -> HeadsError {
        HeadsError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn parse(line: &str) -> Option<Checkpoint> {
    let mut parts = line.split(' ');
    let (origin, digits, root) = (parts.next()?, parts.next()?, parts.next()?);
    let head = Checkpoint {
        origin: origin.to_owned(),
        size: digits.parse().ok()?,
        root: Hash::from_base64(root).ok()?,
    };
    let canonical = parts.next().is_none() && head.size.to_string() == digits;
    (canonical && head.is_plausible()).then_some(head)
}
