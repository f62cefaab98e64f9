//! The supervisor process. Owns coming up (session, lock, permission, port, sandbox) in an order that a kill between
//! any two steps does not harm; refuses to run where another supervisor is, or after its start was withdrawn.

mod agent;
mod restarts;
mod run;

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::agent_log::AgentLog;
use crate::control::Control;
use crate::error::{FileError, SuperviseError};
use crate::folder::{self, Folder, LaunchPermit};
use crate::lock::Lock;
use crate::sandbox::Sandbox;
use crate::spec::RuntimeSpec;
use crate::state::{RuntimeState, StoredState};
use crate::{launch, ports, processes, random, system};

/// Names the start that a supervisor belongs to.
pub(crate) const LAUNCH_ID: &str = "CLEARANCE_LAUNCH_ID";

/// Runs as the supervisor of the runtime in `dir` until that runtime is stopped or has crashed for good.
///
/// This is the whole life of a process: call it from a subcommand, as early as possible and with nothing else in
/// the process, and return from `main` after it. The same subcommand is called once more with the same arguments
/// for every start of the agent; this function then becomes the agent and does not return.
///
/// # Errors
/// When it could not begin. [`SuperviseError::AlreadySupervised`] and [`SuperviseError::Withdrawn`] are harmless.
pub fn supervise(dir: &Path) -> Result<(), SuperviseError> {
    if system::variable(launch::ROLE).is_some() {
        return launch::run();
    }
    let folder = Folder::new(dir.to_owned());
    // A thread of its own, because the caller may be inside of an async runtime. It must be one thread for the whole
    // life: the agent's death signal is tied to the thread that started it.
    let supervisor = thread::Builder::new()
        .name("supervisor".to_owned())
        .spawn(move || {
            let outcome = prepare(&folder).and_then(Prepared::run);
            if let Err(error) = &outcome {
                note(&chain(error));
            }
            outcome
        });
    let failed = |source| SuperviseError::System {
        action: "start the supervisor's thread",
        source,
    };
    supervisor
        .map_err(failed)?
        .join()
        .unwrap_or_else(|_| Err(failed(io::Error::other("it panicked"))))
}

/// What one supervisor looks after.
struct Charge {
    folder: Folder,
    spec: RuntimeSpec,
    /// Folders that the agent must not see.
    hidden: Vec<PathBuf>,
    sandbox: Sandbox,
    state: StoredState,
}

struct Prepared {
    charge: Charge,
    lock: Lock,
}

fn prepare(folder: &Folder) -> Result<Prepared, SuperviseError> {
    // Fails for a process that leads its group already, as when called from a shell: nothing is lost then.
    let _ = rustix::process::setsid();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let lock = take_lock(folder)?;
    let withdrawn = || SuperviseError::Withdrawn(folder.path().to_owned());
    let permit = folder.read_permit()?.ok_or_else(withdrawn)?;
    if system::variable(LAUNCH_ID).is_some_and(|id| id != permit.launch_id.as_str()) {
        return Err(withdrawn());
    }
    let spec = folder.read_spec()?.ok_or_else(withdrawn)?;
    spec.check()?;
    need(
        "adopt orphans",
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())),
    )?;
    // An unreadable state is replaced: it is ours to write, and the folder would be stuck otherwise.
    let previous = folder.read_state().unwrap_or_default();
    if let Some(previous) = &previous {
        let left = processes::kill_leftovers(previous);
        if !left.is_empty() {
            note(&format!(
                "processes of an earlier run are still there: {left:?}"
            ));
        }
    }
    folder::make_private_dir(&folder.home())?;
    let sandbox = Sandbox::probe(spec.sandbox);
    let mut state = first_state(previous.as_ref(), &permit, &sandbox)?;
    let wanted = previous.map(|previous| previous.port);
    state.port = ports::claim(folder, wanted, |port| {
        Ok(folder.write_state(&StoredState {
            port,
            ..state.clone()
        })?)
    })?;
    let charge = Charge {
        folder: folder.clone(),
        spec,
        hidden: permit.hidden,
        sandbox,
        state,
    };
    Ok(Prepared { charge, lock })
}

impl Prepared {
    fn run(self) -> Result<(), SuperviseError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        need("start the event loop", runtime)?.block_on(async {
            let file = |action, path| {
                move |source| {
                    SuperviseError::File(FileError {
                        action,
                        path,
                        source,
                    })
                }
            };
            let folder = &self.charge.folder;
            let control =
                Control::bind(folder).map_err(file("listen on", folder.file("control.sock")))?;
            let log =
                AgentLog::open(folder.agent_log()).map_err(file("open", folder.agent_log()))?;
            let _lock = self.lock;
            run::Supervisor::new(self.charge, log, control)?.run().await
        })
    }
}

/// Whoever looks whether the lock is held takes it for an instant: one failure proves nothing.
fn take_lock(folder: &Folder) -> Result<Lock, SuperviseError> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match Lock::try_take(&folder.lock_path())? {
            Some(lock) => return Ok(lock),
            None if Instant::now() >= deadline => {
                return Err(SuperviseError::AlreadySupervised(folder.path().to_owned()));
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn first_state(
    previous: Option<&StoredState>,
    permit: &LaunchPermit,
    sandbox: &Sandbox,
) -> Result<StoredState, SuperviseError> {
    let runtime_id = match previous {
        Some(previous) if !previous.runtime_id.is_empty() => previous.runtime_id.clone(),
        _ => need("get a random number", random::id())?,
    };
    Ok(StoredState {
        runtime_id,
        launch_id: permit.launch_id.clone(),
        boot_id: processes::boot_id(),
        state: RuntimeState::Starting,
        supervisor: processes::myself(),
        agent: None,
        port: 0,
        restarts: 0,
        started_at_ms: None,
        last_exit: previous.and_then(|previous| previous.last_exit.clone()),
        last_lines: Vec::new(),
        sandbox: sandbox.to_string(),
    })
}

fn need<T, E: Into<io::Error>>(
    action: &'static str,
    result: Result<T, E>,
) -> Result<T, SuperviseError> {
    result.map_err(|error| SuperviseError::System {
        action,
        source: error.into(),
    })
}

/// One line for `supervisor.log`, which is this process's standard error.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// An error with everything that caused it.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
