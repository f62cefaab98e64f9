//! Removing. Owns the disappearance of a folder in one step; refuses as long as anything of the runtime lives.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{LocalRuntime, blocking};
use crate::error::{FileError, RuntimeError};
use crate::folder::Folder;
use crate::lock::Lock;
use crate::spec::check_name;
use crate::{processes, random};

/// What a removal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// The folder was there and is gone.
    Removed,
    /// There was no folder.
    WasGone,
}

impl LocalRuntime {
    /// Deletes the folder of a stopped runtime with its spec, log and the agent's files. Idempotent.
    ///
    /// # Errors
    /// [`RuntimeError::StillAlive`] while a supervisor or any process of the agent lives.
    pub async fn remove(&self, name: &str) -> Result<Removed, RuntimeError> {
        check_name(name)?;
        if self.existing(name).is_none() {
            return Ok(Removed::WasGone);
        }
        let exclusive = self.exclusive(name).await?;
        let Some(folder) = self.existing(name) else {
            return Ok(Removed::WasGone);
        };
        let (root, lock_path, name) = (self.root.clone(), self.lock_path(name), name.to_owned());
        blocking(move || {
            let removed = remove(&root, &folder, &name)?;
            // While it is still held: whoever waits for it notices and makes a new one.
            let _ = fs::remove_file(lock_path);
            drop(exclusive);
            Ok(removed)
        })
        .await
    }
}

fn remove(root: &Path, folder: &Folder, name: &str) -> Result<Removed, RuntimeError> {
    folder.withdraw_permit()?;
    let alive = || RuntimeError::StillAlive {
        name: name.to_owned(),
    };
    let _no_supervisor = Lock::try_take(&folder.lock_path())?.ok_or_else(alive)?;
    let state = folder.read_state().unwrap_or_default();
    if state.is_some_and(|state| processes::any_left(&state)) {
        return Err(alive());
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FileError {
            action: "delete",
            path,
            source,
        }
    };
    let id = random::id().map_err(failed(folder.path()))?;
    let aside = root.join(format!(".removed-{id}"));
    fs::rename(folder.path(), &aside).map_err(failed(folder.path()))?;
    delete_tree(&aside).map_err(failed(&aside))?;
    for earlier in interrupted_removals(root) {
        let _ = delete_tree(&earlier);
    }
    Ok(Removed::Removed)
}

/// What a removal that was killed half-way left behind.
fn interrupted_removals(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let aside = |name: &str| name.starts_with(".removed-");
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(aside))
        .map(|entry| entry.path())
        .collect()
}

/// Deletes a tree that a hostile agent may have filled: links are not followed, and folders that it locked against
/// their owner are opened first.
fn delete_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            unlock(path)?;
            fs::remove_dir_all(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn unlock(path: &Path) -> io::Result<()> {
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(())
}
