//! What the control plane calls. Owns the folder of all runtimes and the operations on them; refuses to remember
//! anything between two calls, so that a new control plane knows as much as the last one.

mod remove;
mod start;
mod stop;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use remove::Removed;
pub use start::Started;
pub use stop::Stopped;

use crate::agent_log;
use crate::error::{FileError, RuntimeError};
use crate::folder::{Folder, make_private_dir};
use crate::lock::Lock;
use crate::spec::{RuntimeSpec, check_name};
use crate::state::{RuntimeState, RuntimeStatus};

/// How long an operation waits for another one on the same runtime.
const EXCLUSIVE_WITHIN: Duration = Duration::from_secs(30);
/// How often a condition is looked at while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The command that calls [`crate::supervise`]; the runtime's folder is added as its last argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupervisorCommand {
    /// The program.
    pub program: PathBuf,
    /// The arguments before the folder.
    pub arguments: Vec<OsString>,
}

impl SupervisorCommand {
    /// A program and its leading arguments.
    pub fn new<A: Into<OsString>>(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// The running program itself, also when its file was replaced meanwhile.
    pub fn this_program<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::new("/proc/self/exe", arguments)
    }
}

/// All local runtimes under one folder. Cheap to clone; several may work on the same folder at once, in one process
/// or in many.
#[derive(Debug, Clone)]
pub struct LocalRuntime {
    root: PathBuf,
    supervisor: SupervisorCommand,
    hidden: Vec<PathBuf>,
}

impl LocalRuntime {
    /// Runtimes live in `<root_dir>/<name>/`. Nothing is created before the first start.
    #[must_use]
    pub fn new(root_dir: PathBuf, supervisor: SupervisorCommand) -> Self {
        let root = std::path::absolute(&root_dir).unwrap_or(root_dir);
        Self {
            hidden: vec![root.clone()],
            root,
            supervisor,
        }
    }

    /// Hides one more folder from sandboxed agents: the control plane's data folder. The root folder is always
    /// hidden; an image or secret file inside of a hidden folder can be seen all the same.
    #[must_use]
    pub fn hiding(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        self.hidden
            .push(std::path::absolute(&folder).unwrap_or(folder));
        self
    }

    /// Where a runtime stands; `None` if there is no such runtime.
    ///
    /// # Errors
    /// When the folder cannot be read at all. A damaged state file is no error, but a `problem` in the status.
    pub async fn status(&self, name: &str) -> Result<Option<RuntimeStatus>, RuntimeError> {
        let Some(folder) = self.existing(name) else {
            return Ok(None);
        };
        let name = name.to_owned();
        blocking(move || read_status(&folder, &name).map(Some)).await
    }

    /// What a runtime was started with; `None` if there is no such runtime, or it never was.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn spec(&self, name: &str) -> Result<Option<RuntimeSpec>, RuntimeError> {
        let Some(folder) = self.existing(name) else {
            return Ok(None);
        };
        blocking(move || folder.read_spec().map_err(Into::into)).await
    }

    /// Every runtime that has a folder, in order of name, dead or alive: what a cleanup receipt counts.
    ///
    /// # Errors
    /// When the root folder cannot be read. One damaged runtime does not hide the others.
    pub async fn list(&self) -> Result<Vec<RuntimeStatus>, RuntimeError> {
        let root = self.root.clone();
        blocking(move || {
            let entries = match fs::read_dir(&root) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(source) => {
                    return Err(FileError {
                        action: "list",
                        path: root,
                        source,
                    }
                    .into());
                }
            };
            let names = entries
                .flatten()
                .filter_map(|entry| entry.file_name().into_string().ok());
            let mut names: Vec<String> = names.filter(|name| check_name(name).is_ok()).collect();
            names.sort_unstable();
            let folders = names
                .into_iter()
                .map(|name| (Folder::new(root.join(&name)), name));
            folders
                .filter(|(folder, _)| folder.exists())
                .map(|(folder, name)| read_status(&folder, &name))
                .collect()
        })
        .await
    }

    /// The last `lines` lines (at most 1000) of what the agent wrote, oldest first, made printable.
    ///
    /// # Errors
    /// [`RuntimeError::NotFound`], or the log cannot be read.
    pub async fn logs(&self, name: &str, lines: usize) -> Result<Vec<String>, RuntimeError> {
        let path = self
            .existing(name)
            .ok_or_else(|| not_found(name))?
            .agent_log();
        blocking(move || {
            agent_log::tail(&path, lines).map_err(|source| {
                FileError {
                    action: "read",
                    path,
                    source,
                }
                .into()
            })
        })
        .await
    }

    /// The folder of a runtime that has one.
    fn existing(&self, name: &str) -> Option<Folder> {
        check_name(name).ok()?;
        Some(self.folder(name)).filter(Folder::exists)
    }

    fn folder(&self, name: &str) -> Folder {
        Folder::new(self.root.join(name))
    }

    fn lock_path(&self, name: &str) -> PathBuf {
        self.root.join(".locks").join(name)
    }

    /// Waits until no other operation is at work on this runtime, in this process or another.
    async fn exclusive(&self, name: &str) -> Result<Lock, RuntimeError> {
        make_private_dir(&self.root.join(".locks"))?;
        let deadline = Instant::now() + EXCLUSIVE_WITHIN;
        loop {
            match Lock::try_take(&self.lock_path(name))? {
                Some(lock) => return Ok(lock),
                None if Instant::now() >= deadline => {
                    return Err(RuntimeError::Busy {
                        name: name.to_owned(),
                    });
                }
                None => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }
}

fn read_status(folder: &Folder, name: &str) -> Result<RuntimeStatus, RuntimeError> {
    // The lock before the state: a supervisor that ends in between has written its last state by then.
    let alive = folder.supervisor_alive()?;
    Ok(match folder.read_state() {
        Ok(Some(state)) => state.status(name, alive),
        Ok(None) => unknown(
            name,
            alive,
            "a start was interrupted before anything ran".to_owned(),
        ),
        Err(error) => unknown(name, alive, crate::supervise::chain(&error)),
    })
}

fn unknown(name: &str, alive: bool, problem: String) -> RuntimeStatus {
    RuntimeStatus {
        name: name.to_owned(),
        state: if alive {
            RuntimeState::Starting
        } else {
            RuntimeState::Lost
        },
        alive,
        pid: None,
        supervisor_pid: None,
        port: None,
        restarts: 0,
        started_at_ms: None,
        last_exit: None,
        last_lines: Vec::new(),
        sandbox: "none: nothing runs".to_owned(),
        problem: Some(problem),
    }
}

fn not_found(name: &str) -> RuntimeError {
    RuntimeError::NotFound {
        name: name.chars().take(120).collect(),
    }
}

/// Runs file work away from the event loop.
async fn blocking<T, F>(work: F) -> Result<T, RuntimeError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, RuntimeError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(RuntimeError::Spawn {
                program: "background work".to_owned(),
                source: std::io::Error::other(error),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Workers run on many threads: every operation must be able to move between them.
    #[test]
    fn operations_can_move_between_threads() {
        fn moves<T: Send>(_: T) {}
        let runtime = LocalRuntime::new(
            PathBuf::from("/nowhere"),
            SupervisorCommand::this_program(["supervise"]),
        );
        let spec = RuntimeSpec::new("a", "/image", vec!["true".into()]);
        moves(runtime.start(&spec));
        moves(runtime.restart("a"));
        moves(runtime.wait_until_healthy("a", Duration::ZERO));
        moves(runtime.status("a"));
        moves(runtime.list());
        moves(runtime.stop("a"));
        moves(runtime.remove("a"));
        moves(runtime.logs("a", 1));
        moves(runtime.ping("a"));
        moves(runtime.invoke("a", &serde_json::Value::Null, Duration::ZERO, 0));
    }
}
