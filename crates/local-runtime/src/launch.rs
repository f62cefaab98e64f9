//! The launcher: the short-lived role between supervisor and agent. Owns taking the limits and the death signal upon
//! itself and becoming the agent; refuses to pass anything of its own environment on.
//!
//! It exists because these must be done after the fork and before the program starts, and the standard library
//! allows code there only in `unsafe`.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit, Signal};
use rustix::thread::CapabilitySet;
use serde::{Deserialize, Serialize};

use crate::error::SuperviseError;

/// Tells the supervisor's program to be a launcher.
pub(crate) const ROLE: &str = "CLEARANCE_LAUNCHER";

/// Exit status when the program cannot be started, as shells have it.
pub(crate) const NOT_STARTED: i32 = 127;

/// How nice an agent is to other processes, of 19.
const STEP_BACK: i32 = 10;

/// Everything the launcher needs; it comes on its standard input, so that no value shows in a process list.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) supervisor: i32,
    pub(crate) words: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) workdir: PathBuf,
    pub(crate) data_bytes: u64,
    pub(crate) file_bytes: u64,
    pub(crate) open_files: u64,
    pub(crate) processes: u64,
    /// Bubblewrap drops rights itself, and on some systems needs those of its file to begin with.
    pub(crate) drop_rights: bool,
}

/// Reads a plan and becomes the agent. Returns only when that failed.
pub(crate) fn run() -> Result<(), SuperviseError> {
    let failed = |action| move |source| SuperviseError::System { action, source };
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .map_err(failed("read the launch plan"))?;
    let plan: Plan =
        serde_json::from_slice(&text).map_err(|e| failed("read the launch plan")(e.into()))?;
    // A session of its own: signals to its group reach the agent's processes and nobody else's.
    rustix::process::setsid().map_err(|e| failed("make a session")(e.into()))?;
    step_back();
    die_with(plan.supervisor)?;
    limit(&plan)?;
    if plan.drop_rights {
        drop_rights().map_err(|e| failed("give up privileges")(e.into()))?;
    }
    let (program, arguments) = plan
        .words
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let error = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(&plan.env)
        .current_dir(&plan.workdir)
        .stdin(Stdio::null())
        .exec();
    let _ = writeln!(io::stderr(), "cannot start `{program}`: {error}");
    std::process::exit(NOT_STARTED)
}

/// Lets the control plane go first where processors are short: many agents that start at once must not hold up a git host
/// that waits for an answer. Where processors are free it changes nothing.
fn step_back() {
    // Only a help, so a system that does not allow it is let be. Linux weighs sessions first and processes within them,
    // see sched(7), and this one has just become a session.
    let _ = rustix::process::nice(STEP_BACK);
    let _ = std::fs::write("/proc/self/autogroup", STEP_BACK.to_string());
}

/// The signal is set first and the parent looked at second: a parent that died in between would send none.
fn die_with(supervisor: i32) -> Result<(), SuperviseError> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| {
        SuperviseError::System {
            action: "ask for the death signal",
            source: error.into(),
        }
    })?;
    match rustix::process::getppid() {
        Some(parent) if parent.as_raw_nonzero().get() == supervisor => Ok(()),
        _ => Err(SuperviseError::System {
            action: "find the supervisor",
            source: io::Error::new(io::ErrorKind::NotFound, "it is gone"),
        }),
    }
}

fn limit(plan: &Plan) -> Result<(), SuperviseError> {
    let limits = [
        (Resource::Core, 0),
        (Resource::Data, plan.data_bytes),
        (Resource::Fsize, plan.file_bytes),
        (Resource::Nofile, plan.open_files),
        (Resource::Nproc, plan.processes),
    ];
    for (resource, wanted) in limits {
        // An unprivileged process cannot go above the hard limit that it was born with.
        let most = rustix::process::getrlimit(resource)
            .maximum
            .unwrap_or(u64::MAX);
        let value = Some(wanted.min(most));
        rustix::process::setrlimit(
            resource,
            Rlimit {
                current: value,
                maximum: value,
            },
        )
        .map_err(|error| SuperviseError::System {
            action: "set a limit",
            source: error.into(),
        })?;
    }
    Ok(())
}

/// Nothing the agent starts can gain rights, and if it runs as root it is root without powers.
fn drop_rights() -> rustix::io::Result<()> {
    rustix::thread::set_no_new_privs(true)?;
    if rustix::process::geteuid().is_root() {
        for capability in CapabilitySet::all().iter() {
            match rustix::thread::remove_capability_from_bounding_set(capability) {
                // An older kernel does not know every capability; a container may have taken the right to drop them.
                Ok(()) | Err(rustix::io::Errno::INVAL | rustix::io::Errno::PERM) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
