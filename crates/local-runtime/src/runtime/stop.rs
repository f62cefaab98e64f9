//! Stopping. Owns the ladder from a polite request to SIGKILL, and the proof that nothing is left; refuses to signal
//! a supervisor whose process it cannot tell from a later one with the same number.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{LOOK_EVERY, LocalRuntime, blocking};
use crate::control::{self, Request};
use crate::error::RuntimeError;
use crate::folder::Folder;
use crate::lock::Lock;
use crate::processes;
use crate::spec::check_name;
use crate::state::{ProcessId, RuntimeState, StoredState};

/// How long a supervisor may be deaf before it counts as hung. A new one needs a moment until it listens.
const DEAF_FOR: Duration = Duration::from_secs(3);
/// The supervisor's own grace time and kill time, and some room.
const STOP_WITHIN: Duration = Duration::from_secs(12);
/// For the lock to come free after the last word or the kill.
const FREE_WITHIN: Duration = Duration::from_secs(5);

/// What a stop found. After each of them no process of the runtime is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The supervisor ended the agent and itself.
    InOrder,
    /// The supervisor was hung and was killed, with everything of the agent.
    ByForce,
    /// No supervisor was alive (left-over processes, if any, were killed).
    WasNotRunning,
    /// There is no such runtime.
    WasGone,
}

impl LocalRuntime {
    /// Ends the agent, its whole process tree and its supervisor, and returns when they are gone: SIGTERM, five
    /// seconds, SIGKILL. Idempotent; the folder stays.
    ///
    /// # Errors
    /// [`RuntimeError::Survived`] when processes outlive SIGKILL; the folder cannot be read or written.
    pub async fn stop(&self, name: &str) -> Result<Stopped, RuntimeError> {
        check_name(name)?;
        if self.existing(name).is_none() {
            return Ok(Stopped::WasGone);
        }
        let exclusive = self.exclusive(name).await?;
        let Some(folder) = self.existing(name) else {
            return Ok(Stopped::WasGone);
        };
        end(&folder, name, exclusive).await.map(|(how, _)| how)
    }
}

/// Ends what lives in a folder. The exclusive right goes into the background work and comes back from it: a caller that gives up
/// meanwhile does not let the next one in before the work is done.
pub(super) async fn end(
    folder: &Folder,
    name: &str,
    exclusive: Lock,
) -> Result<(Stopped, Lock), RuntimeError> {
    // From here on a supervisor that is still on its way turns back.
    folder.withdraw_permit()?;
    let how = if folder.supervisor_alive()? {
        end_supervisor(folder, name).await?
    } else {
        Stopped::WasNotRunning
    };
    let (folder, name) = (folder.clone(), name.to_owned());
    blocking(move || settle(&folder, name).map(|()| (how, exclusive))).await
}

async fn end_supervisor(folder: &Folder, name: &str) -> Result<Stopped, RuntimeError> {
    if listens(folder).await? {
        control::ask(folder, Request::Stop, STOP_WITHIN).await;
    }
    if is_free_within(folder, Duration::from_secs(1)).await? {
        return Ok(Stopped::InOrder);
    }
    let supervisor = folder
        .read_state()
        .unwrap_or_default()
        .and_then(|state| verified_supervisor(&state));
    if let Some(supervisor) = supervisor {
        processes::signal(supervisor.pid, Signal::KILL);
    }
    if is_free_within(folder, FREE_WITHIN).await? {
        return Ok(Stopped::ByForce);
    }
    Err(RuntimeError::Survived {
        name: name.to_owned(),
        pids: supervisor.map(|it| it.pid).into_iter().collect(),
    })
}

/// Waits until the supervisor answers; `false` if it is gone or deaf.
async fn listens(folder: &Folder) -> Result<bool, RuntimeError> {
    let deadline = Instant::now() + DEAF_FOR;
    while folder.supervisor_alive()? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        if control::ask(folder, Request::Status, left).await.is_some() {
            return Ok(true);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(false)
}

async fn is_free_within(folder: &Folder, patience: Duration) -> Result<bool, RuntimeError> {
    let deadline = Instant::now() + patience;
    while folder.supervisor_alive()? {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(true)
}

fn verified_supervisor(state: &StoredState) -> Option<ProcessId> {
    state
        .supervisor
        .filter(|supervisor| state.boot_id == processes::boot_id() && processes::lives(*supervisor))
}

/// Kills what is left and records the end. Without a readable state there is nothing to tell our processes by, and
/// nothing ran: the state is written before the first agent starts.
fn settle(folder: &Folder, name: String) -> Result<(), RuntimeError> {
    let Some(mut state) = folder.read_state().unwrap_or_default() else {
        return Ok(());
    };
    let pids = processes::kill_leftovers(&state);
    if !pids.is_empty() {
        return Err(RuntimeError::Survived { name, pids });
    }
    if state.state != RuntimeState::Stopped {
        state.state = RuntimeState::Stopped;
        state.agent = None;
        folder.write_state(&state)?;
    }
    Ok(())
}
