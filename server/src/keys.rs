//! The server's own keys, in files that only its user reads: the one that signs checkpoints of the audit log and the one
//! that signs agents' access tokens. Made on the first start; never in the database, so that whoever changes the database
//! cannot sign it.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use audit_log::CheckpointKey;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding,
};

use crate::config::Config;

/// The keys of one installation.
#[derive(Clone)]
pub struct Keys {
    /// Signs checkpoints; its name is the log's origin.
    pub checkpoint: CheckpointKey,
    /// Signs access tokens.
    pub token: SigningKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file system refused.
    #[error("the key file {path} cannot be read or written")]
    Io {
        /// Which file.
        path: String,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// Other users of the machine can read the file.
    #[error("the key file {path} can be read by other users: run `chmod 600 {path}`")]
    Exposed {
        /// Which file.
        path: String,
    },
    /// The file holds something else.
    #[error(
        "{path} holds no Ed25519 private key: restore it from a backup; a new key would end the old log"
    )]
    Damaged {
        /// Which file.
        path: String,
    },
    /// The origin of the log cannot be the name of a key.
    #[error(
        "the log origin `{origin}` cannot be used: no spaces and no plus signs, such as clearance.example.com/audit"
    )]
    Origin {
        /// The origin.
        origin: String,
    },
    /// The log cannot be given another name here.
    #[error("`log_origin` in the settings names the log: change it there, and run this again")]
    Named,
    /// The operating system gave no randomness.
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
}

impl Keys {
    /// Reads the keys, making those that are missing.
    ///
    /// # Errors
    /// [`KeysError`]; an existing file is never replaced.
    pub fn load_or_create(config: &Config) -> Result<Self, KeysError> {
        let dir = config.keys_dir();
        create_private_dir(&config.data_dir)
            .and_then(|()| create_private_dir(&dir))
            .map_err(|source| io_error(&dir, source))?;
        let origin = match &config.log_origin {
            Some(origin) => origin.clone(),
            // Kept, because a log that changes its name is another log to those who watch it.
            None => kept(&dir.join("log-origin"), || new_origin(config))?,
        };
        let origin = origin.trim();
        let path = dir.join("checkpoint.pem");
        let pem = kept(&path, new_pem)?;
        let checkpoint =
            CheckpointKey::from_pkcs8_pem(origin, &pem).map_err(|error| match error {
                audit_log::KeyError::Name => KeysError::Origin {
                    origin: origin.to_owned(),
                },
                audit_log::KeyError::Pem
                | audit_log::KeyError::VerifierKey
                | audit_log::KeyError::Weak => KeysError::Damaged {
                    path: path.display().to_string(),
                },
            })?;
        let path = dir.join("token-signing.pem");
        let token = SigningKey::from_pkcs8_pem(kept(&path, new_pem)?.trim()).map_err(|_| {
            KeysError::Damaged {
                path: path.display().to_string(),
            }
        })?;
        Ok(Self { checkpoint, token })
    }

    /// Gives the audit log a new name, where it was not named by the settings: the beginning of another log under the same key.
    ///
    /// # Errors
    /// [`KeysError::Named`] if the settings name it; [`KeysError::Io`], [`KeysError::Random`].
    pub fn rename_log(config: &Config) -> Result<(), KeysError> {
        if config.log_origin.is_some() {
            return Err(KeysError::Named);
        }
        let dir = config.keys_dir();
        let path = dir.join("log-origin");
        let name = new_origin(config)?;
        replace(&path, &name).map_err(|source| io_error(&path, source))
    }

    /// Fresh keys that are kept nowhere, for tests.
    ///
    /// # Errors
    /// [`KeysError::Random`] without randomness; [`KeysError::Origin`] for an impossible name.
    pub fn ephemeral(origin: &str) -> Result<Self, KeysError> {
        let checkpoint =
            CheckpointKey::from_seed(origin, &random()?).map_err(|_| KeysError::Origin {
                origin: origin.to_owned(),
            })?;
        Ok(Self {
            checkpoint,
            token: SigningKey::from_bytes(&random()?),
        })
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeysError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(KeysError::Random)?;
    Ok(bytes)
}

fn new_pem() -> Result<String, KeysError> {
    let key = SigningKey::from_bytes(&random()?);
    let pem = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|_| KeysError::Damaged {
            path: "a new key".to_owned(),
        })?;
    Ok(pem.as_str().to_owned())
}

fn io_error(path: &Path, source: io::Error) -> KeysError {
    KeysError::Io {
        path: path.display().to_string(),
        source,
    }
}

/// The file's content; made first if it is not there. Two servers starting at once agree on one content.
fn kept(
    path: &Path,
    make: impl FnOnce() -> Result<String, KeysError>,
) -> Result<String, KeysError> {
    if !path.exists() {
        let content = make()?;
        write_new(path, &content).map_err(|source| io_error(path, source))?;
    }
    check_mode(path)?;
    fs::read_to_string(path).map_err(|source| io_error(path, source))
}

/// The secret in a private file, which is made with `fresh` in it if it is not there.
pub(crate) fn kept_secret(path: &Path, fresh: &str) -> Result<String, KeysError> {
    kept(path, || Ok(fresh.to_owned()))
}

/// A name that no log had before.
fn new_origin(config: &Config) -> Result<String, KeysError> {
    let authority = config.authority();
    Ok(format!("{authority}/audit/{}", hex::encode(random::<4>()?)))
}

/// Puts a whole file in the place of another.
fn replace(path: &Path, content: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

/// Writes a whole file or none, and never over another.
fn write_new(path: &Path, content: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Named files of `tempfile` have mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => fs::File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

/// Makes a folder that only this user enters.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeysError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .map_err(|source| io_error(path, source))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeysError::Exposed {
            path: path.display().to_string(),
        })
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), KeysError> {
    Ok(())
}
