//! One runtime's folder. Owns its file names, and reading and writing them whole (write beside, flush, rename);
//! refuses files larger than any of ours.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::FileError;
use crate::lock::Lock;
use crate::spec::RuntimeSpec;
use crate::state::StoredState;

/// An agent outside of a sandbox can write here; nothing of ours comes near this size.
const MAX_JSON: u64 = 1024 * 1024;

/// `launch.json`: permission for one supervisor to run. Without it, or with another id in it, a supervisor that was
/// slow to come up goes away again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaunchPermit {
    pub(crate) launch_id: String,
    /// Folders that the agent must not see.
    pub(crate) hidden: Vec<PathBuf>,
}

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The agent's `HOME`; kept over restarts.
    pub(crate) fn home(&self) -> PathBuf {
        self.file("home")
    }

    /// The agent's temporary files; emptied before every run.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.file("tmp")
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.file("supervisor.lock")
    }

    pub(crate) fn agent_log(&self) -> PathBuf {
        self.file("agent.log")
    }

    pub(crate) fn supervisor_log(&self) -> PathBuf {
        self.file("supervisor.log")
    }

    pub(crate) fn exists(&self) -> bool {
        self.path.is_dir()
    }

    pub(crate) fn create(&self) -> Result<(), FileError> {
        make_private_dir(&self.path)
    }

    pub(crate) fn supervisor_alive(&self) -> Result<bool, FileError> {
        Lock::is_held(&self.lock_path())
    }

    pub(crate) fn read_spec(&self) -> Result<Option<RuntimeSpec>, FileError> {
        read_json(&self.file("spec.json"))
    }

    pub(crate) fn write_spec(&self, spec: &RuntimeSpec) -> Result<(), FileError> {
        write_json(&self.file("spec.json"), spec)
    }

    pub(crate) fn read_state(&self) -> Result<Option<StoredState>, FileError> {
        read_json(&self.file("state.json"))
    }

    pub(crate) fn write_state(&self, state: &StoredState) -> Result<(), FileError> {
        write_json(&self.file("state.json"), state)
    }

    pub(crate) fn read_permit(&self) -> Result<Option<LaunchPermit>, FileError> {
        read_json(&self.file("launch.json"))
    }

    pub(crate) fn write_permit(&self, permit: &LaunchPermit) -> Result<(), FileError> {
        write_json(&self.file("launch.json"), permit)
    }

    /// Withdraws the permission of a supervisor that may still be on its way.
    pub(crate) fn withdraw_permit(&self) -> Result<(), FileError> {
        let path = self.file("launch.json");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError {
                action: "delete",
                path,
                source: error,
            }),
            _ => Ok(()),
        }
    }
}

/// Makes a folder (with its parents) that only its owner can enter.
pub(crate) fn make_private_dir(path: &Path) -> Result<(), FileError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| FileError {
            action: "create the folder",
            path: path.to_owned(),
            source,
        })
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileError> {
    let failed = |source| FileError {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut text = Vec::new();
    file.take(MAX_JSON).read_to_end(&mut text).map_err(failed)?;
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| failed(error.into()))
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), FileError> {
    let write = || -> io::Result<()> {
        let text = serde_json::to_vec_pretty(value)?;
        let beside = path.with_extension("json.new");
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| FileError {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
