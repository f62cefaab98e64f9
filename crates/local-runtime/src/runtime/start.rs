//! Starting. Owns the idempotence of a start by name and the handshake with a new supervisor; refuses to start a
//! second supervisor beside a living one.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::stop::end;
use super::{LOOK_EVERY, LocalRuntime, blocking, not_found};
use crate::agent_log;
use crate::error::{FileError, RuntimeError};
use crate::folder::{Folder, LaunchPermit};
use crate::http::Ping;
use crate::spec::RuntimeSpec;
use crate::state::{StoredState, endpoint};
use crate::supervise::LAUNCH_ID;
use crate::system::{self, INHERITED};
use crate::{processes, random};

/// Until a new supervisor reports. It may have five seconds of an earlier run's processes to clear away.
const REPORT_WITHIN: Duration = Duration::from_secs(20);

/// A runtime that has a supervisor. The agent itself may not answer yet: see [`LocalRuntime::wait_until_healthy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its name.
    pub name: String,
    /// Its loopback port.
    pub port: u16,
    /// `http://127.0.0.1:<port>`.
    pub endpoint: String,
    /// The runtime was alive before, and was left as it was.
    pub already_running: bool,
    /// Whether it runs what was asked for. `false` only when it was alive before with another spec.
    pub same_spec: bool,
}

impl LocalRuntime {
    /// Makes sure that a runtime of this name lives, and returns when its supervisor has taken over.
    ///
    /// Idempotent by name: a living runtime is left alone and returned. Whatever an earlier start, a killed
    /// supervisor or a reboot left in the folder is taken over, with the same port where that is free.
    ///
    /// # Errors
    /// The spec is refused, the folder cannot be written, or the supervisor does not come up.
    pub async fn start(&self, spec: &RuntimeSpec) -> Result<Started, RuntimeError> {
        spec.check()?;
        let exclusive = self.exclusive(&spec.name).await?;
        let folder = self.folder(&spec.name);
        let _exclusive = if folder.exists() && matches!(folder.read_permit(), Ok(None)) {
            // A stop began and was cut off: its supervisor may have been told, and would end under the one that starts now.
            end(&folder, &spec.name, exclusive).await?.1
        } else {
            exclusive
        };
        for _ in 0..3 {
            if let Some(state) = living(&folder, &spec.name).await? {
                let same_spec = folder.read_spec()?.as_ref() == Some(spec);
                return Ok(started(spec, state.port, true, same_spec));
            }
            spec.resolve()?;
            if let Some(state) = self.launch(&folder, spec).await? {
                return Ok(started(spec, state.port, false, true));
            }
        }
        Err(failed(&spec.name, "another supervisor comes and goes"))
    }

    /// Starts a runtime again from the spec in its folder: after a reboot, or after it crashed. A living one is left
    /// alone.
    ///
    /// # Errors
    /// [`RuntimeError::NotFound`] without a stored spec; otherwise as [`Self::start`].
    pub async fn restart(&self, name: &str) -> Result<Started, RuntimeError> {
        let folder = self.existing(name).ok_or_else(|| not_found(name))?;
        let spec = folder.read_spec()?.ok_or_else(|| not_found(name))?;
        self.start(&spec).await
    }

    /// Waits until the agent answers its ping, and returns early if it never will.
    ///
    /// # Errors
    /// [`RuntimeError::NotReady`] with the reason.
    pub async fn wait_until_healthy(
        &self,
        name: &str,
        within: Duration,
    ) -> Result<Ping, RuntimeError> {
        let deadline = Instant::now() + within;
        loop {
            let error = match self.ping(name).await {
                Ok(ping) => return Ok(ping),
                Err(error) => error,
            };
            let status = self.status(name).await?.ok_or_else(|| not_found(name))?;
            if !status.state.is_active() || Instant::now() >= deadline {
                let exit = status.last_exit.map(|exit| exit.to_string());
                let detail = [Some(crate::supervise::chain(&error)), exit]
                    .into_iter()
                    .flatten();
                let detail = detail
                    .chain(status.last_lines)
                    .collect::<Vec<_>>()
                    .join("; ");
                return Err(RuntimeError::NotReady {
                    name: name.to_owned(),
                    state: status.state,
                    detail,
                });
            }
            tokio::time::sleep(LOOK_EVERY * 5).await;
        }
    }

    /// Starts a supervisor and waits for its report. `None`: it gave way to another one.
    async fn launch(
        &self,
        folder: &Folder,
        spec: &RuntimeSpec,
    ) -> Result<Option<StoredState>, RuntimeError> {
        let launch_id = random::id().map_err(|error| failed(&spec.name, &error.to_string()))?;
        folder.create()?;
        folder.write_spec(spec)?;
        folder.write_permit(&LaunchPermit {
            launch_id: launch_id.clone(),
            hidden: self.hidden.clone(),
        })?;
        let mut child = self.spawn(folder, &launch_id)?;
        let deadline = Instant::now() + REPORT_WITHIN;
        loop {
            let report = folder.read_state().unwrap_or_default();
            if let Some(state) =
                report.filter(|state| state.launch_id == launch_id && state.port != 0)
            {
                // Dropping the handle leaves the process alone; it is collected when it ends, if we still are there.
                return Ok(Some(state));
            }
            if !matches!(child.try_wait(), Ok(None)) {
                if folder.supervisor_alive()? {
                    return Ok(None);
                }
                return Err(failed(&spec.name, &last_words(folder)));
            }
            if Instant::now() >= deadline {
                folder.withdraw_permit()?;
                let _ = child.kill().await;
                return Err(failed(&spec.name, "it does not report"));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The supervisor makes a session of its own first of all; here it must not be put into a process group,
    /// because the leader of one cannot do that.
    fn spawn(&self, folder: &Folder, launch_id: &str) -> Result<Child, RuntimeError> {
        let log = supervisor_log(folder)?;
        let copy = log
            .try_clone()
            .map_err(|source| file("open", folder, source))?;
        let mut command = Command::new(&self.supervisor.program);
        command
            .args(&self.supervisor.arguments)
            .arg(folder.path())
            .env_clear()
            .env(LAUNCH_ID, launch_id);
        command.envs(
            INHERITED
                .into_iter()
                .filter_map(|key| Some((key, system::variable(key)?))),
        );
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(copy);
        command.spawn().map_err(|source| RuntimeError::Spawn {
            program: self.supervisor.program.display().to_string(),
            source,
        })
    }
}

/// The state of a living supervisor, once it says that it is at work. One that is about to end is waited for.
async fn living(folder: &Folder, name: &str) -> Result<Option<StoredState>, RuntimeError> {
    let deadline = Instant::now() + REPORT_WITHIN;
    loop {
        let here = folder.clone();
        let state = blocking(move || {
            Ok(here
                .supervisor_alive()?
                .then(|| here.read_state().unwrap_or_default()))
        });
        let Some(state) = state.await? else {
            return Ok(None);
        };
        let at_work = |state: &StoredState| {
            state.state.is_active()
                && state.port != 0
                && state.supervisor.is_some_and(processes::lives)
        };
        if let Some(state) = state.filter(at_work) {
            return Ok(Some(state));
        }
        if Instant::now() >= deadline {
            return Err(failed(
                name,
                "one is alive but does not report: stop the runtime first",
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn supervisor_log(folder: &Folder) -> Result<File, RuntimeError> {
    let path = folder.supervisor_log();
    let open = || {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
    };
    let log = open().map_err(|source| file("open", folder, source))?;
    // A line per event: years pass before this is needed.
    if log.metadata().is_ok_and(|meta| meta.len() > 1024 * 1024) {
        log.set_len(0)
            .map_err(|source| file("shorten", folder, source))?;
    }
    Ok(log)
}

fn last_words(folder: &Folder) -> String {
    agent_log::tail(&folder.supervisor_log(), 3)
        .unwrap_or_default()
        .join("; ")
}

fn file(action: &'static str, folder: &Folder, source: std::io::Error) -> RuntimeError {
    FileError {
        action,
        path: folder.supervisor_log(),
        source,
    }
    .into()
}

fn failed(name: &str, detail: &str) -> RuntimeError {
    RuntimeError::SupervisorFailed {
        name: name.to_owned(),
        detail: detail.to_owned(),
    }
}

fn started(spec: &RuntimeSpec, port: u16, already_running: bool, same_spec: bool) -> Started {
    Started {
        name: spec.name.clone(),
        port,
        endpoint: endpoint(port),
        already_running,
        same_spec,
    }
}
