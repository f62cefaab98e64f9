//! The folder of one witness: its key, its memory, and which logs it follows.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use audit_log::{KeyError, VerifierKey, WitnessKey};
use serde::Deserialize;

use crate::witness::Witness;

const SETTINGS: &str = "witness.toml";
const KEY: &str = "witness.pem";
const MEMORY: &str = "seen-heads";

/// What the operator configured, in `witness.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// The name in the witness's key: a URL without a scheme.
    pub name: String,
    /// Public keys of the logs that are followed.
    #[serde(default)]
    pub logs: Vec<String>,
}

/// The folder of one witness.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system refused.
    #[error("{} cannot be read or written", .path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// There is a witness already.
    #[error("{} holds the key of a witness: choose another folder, a key is never replaced", .path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// Other users of the machine can read the key.
    #[error("{} can be read by other users: run `chmod 600` on it", .path.display())]
    Exposed {
        /// The key file.
        path: PathBuf,
    },
    /// The memory is missing.
    #[error(
        "{} is missing: a witness that forgot what it signed could sign a second history. Begin a new witness with a new key", .path.display()
    )]
    Forgotten {
        /// The file.
        path: PathBuf,
    },
    /// The settings make no sense.
    #[error("{} is wrong: {problem}", .path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A key cannot be used.
    #[error("the key {what} cannot be used: {source}")]
    Key {
        /// Which.
        what: String,
        /// Why not.
        #[source]
        source: KeyError,
    },
    /// The operating system gave no randomness.
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
}

impl Folder {
    /// The folder at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes a witness: a fresh key, an empty memory, and settings. Answers its key.
    ///
    /// # Errors
    /// [`FolderError`]; a key that is there is never replaced.
    pub fn init(&self, config: &Config) -> Result<WitnessKey, FolderError> {
        parsed(&config.logs)?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(FolderError::Random)?;
        let key = WitnessKey::from_seed(&config.name, &seed);
        let key = key.map_err(|source| wrong_key(&config.name, source))?;
        let pem = key
            .to_pkcs8_pem()
            .map_err(|source| wrong_key(&config.name, source))?;
        fs::create_dir_all(&self.0).map_err(|source| self.io("", source))?;
        match create(&self.path(KEY), pem.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let path = self.0.clone();
                return Err(FolderError::Taken { path });
            }
            written => written.map_err(|source| self.io(KEY, source))?,
        }
        create(&self.path(MEMORY), b"").map_err(|source| self.io(MEMORY, source))?;
        create(&self.path(SETTINGS), settings(config).as_bytes())
            .map_err(|source| self.io(SETTINGS, source))?;
        Ok(key)
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn config(&self) -> Result<Config, FolderError> {
        let path = self.path(SETTINGS);
        let text = fs::read_to_string(&path).map_err(|source| self.io(SETTINGS, source))?;
        toml::from_str(&text).map_err(|error| FolderError::Settings {
            path,
            problem: error.to_string(),
        })
    }

    /// The witness's key.
    ///
    /// # Errors
    /// [`FolderError`], also if other users of the machine can read it.
    pub fn key(&self, config: &Config) -> Result<WitnessKey, FolderError> {
        let path = self.path(KEY);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let found = fs::metadata(&path).map_err(|source| self.io(KEY, source))?;
            if found.permissions().mode() & 0o077 != 0 {
                return Err(FolderError::Exposed { path });
            }
        }
        let pem = fs::read_to_string(&path).map_err(|source| self.io(KEY, source))?;
        WitnessKey::from_pkcs8_pem(&config.name, &pem)
            .map_err(|source| wrong_key(&path.display().to_string(), source))
    }

    /// The witness, ready to sign.
    ///
    /// # Errors
    /// [`FolderError`], also if what it signed before is gone.
    pub fn open(&self, config: &Config) -> Result<Witness, FolderError> {
        let key = self.key(config)?;
        let memory = self.path(MEMORY);
        if !memory.is_file() {
            return Err(FolderError::Forgotten { path: memory });
        }
        Ok(Witness::new(key, parsed(&config.logs)?, memory))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn io(&self, name: &str, source: io::Error) -> FolderError {
        FolderError::Io {
            path: self.path(name),
            source,
        }
    }
}

fn parsed(logs: &[String]) -> Result<Vec<VerifierKey>, FolderError> {
    let parse = |text: &String| text.parse().map_err(|source| wrong_key(text, source));
    logs.iter().map(parse).collect()
}

fn wrong_key(what: &str, source: KeyError) -> FolderError {
    FolderError::Key {
        what: what.to_owned(),
        source,
    }
}

/// Names, keys and addresses have no quotes or backslashes, so they stand in a basic string as they are.
fn settings(config: &Config) -> String {
    let logs: Vec<String> = config
        .logs
        .iter()
        .map(|key| format!("    '{key}',\n"))
        .collect();
    format!(
        "# Where the witness listens. Put a proxy with TLS in front of it where it leaves the machine.\n\
         addr = \"{}\"\n\
         # The name in its key; a witness with another name is another witness.\n\
         name = '{}'\n\
         # Public keys of the logs it follows, one a line, as they stand on their audit pages.\n\
         logs = [\n{}]\n",
        config.addr,
        config.name,
        logs.concat()
    )
}

/// Writes a new file that only its owner reads, down to the disk.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
