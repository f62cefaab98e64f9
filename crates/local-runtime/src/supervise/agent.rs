//! One run of the agent. Owns building its launch plan (words, environment, limits) and starting the launcher;
//! refuses to let anything of the supervisor's environment through but `PATH`, `LANG` and `TZ`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{WaitStatus, geteuid, getpid};
use tokio::net::unix::pipe::Receiver;
use tokio::time::Instant;

use super::Charge;
use crate::error::SuperviseError;
use crate::folder;
use crate::launch::{self, Plan};
use crate::processes::{self, Stat};
use crate::sandbox::{Sandbox, View};
use crate::state::ProcessId;
use crate::system::{self, INHERITED};

const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A started agent and what is known about it so far.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: ProcessId,
    /// Standard output and error in one; `None` after its end.
    pub(crate) output: Option<Receiver>,
    pub(crate) started: Instant,
    /// Set once it was reaped.
    pub(crate) status: Option<WaitStatus>,
}

/// Starts the agent through the launcher.
pub(crate) fn start(charge: &Charge) -> Result<Agent, SuperviseError> {
    let plan = plan(charge)?;
    let failed = |source| SuperviseError::System {
        action: "start the launcher",
        source,
    };
    let (reader, writer) = io::pipe().map_err(failed)?;
    // The kernel's name of the running program works even when its file was replaced by an upgrade.
    let mut child = Command::new("/proc/self/exe")
        .args(env::args_os().skip(1))
        .env_clear()
        .env(launch::ROLE, "1")
        .stdin(Stdio::piped())
        .stdout(writer.try_clone().map_err(failed)?)
        .stderr(writer)
        .spawn()
        .map_err(failed)?;
    let text = serde_json::to_vec(&plan).map_err(|error| failed(error.into()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // If the launcher is dead already, its exit tells more than this error.
        let _ = stdin.write_all(&text);
    }
    let pid = i32::try_from(child.id()).map_err(|error| failed(io::Error::other(error)))?;
    let started = Stat::read(pid).map_or(0, |stat| stat.started);
    let output = Receiver::from_owned_fd(OwnedFd::from(reader)).map_err(failed)?;
    Ok(Agent {
        id: ProcessId { pid, started },
        output: Some(output),
        started: Instant::now(),
        status: None,
    })
}

fn plan(charge: &Charge) -> Result<Plan, SuperviseError> {
    let Charge {
        folder,
        spec,
        sandbox,
        ..
    } = charge;
    let (image, workdir) = spec.resolve()?;
    let tmp = folder.tmp();
    empty_dir(&tmp)?;
    let mut env = environment(charge);
    let mut words = Vec::new();
    if let Sandbox::Bubblewrap(program) = sandbox {
        let path = env.get("PATH").cloned().unwrap_or_default();
        let view = View {
            image: &image,
            workdir: &workdir,
            home: &real(&folder.home()),
            tmp: &real(&tmp),
            secret_files: &spec.secret_files,
            hidden: &charge.hidden,
            path: &path,
        };
        words.push(program.to_string_lossy().into_owned());
        words.extend(loader_variables(&mut env));
        words.extend(view.arguments(spec.command.first().map_or("", String::as_str)));
    }
    words.extend(spec.command.iter().cloned());
    // The kernel counts all tasks of the user, so what runs already is added.
    let running = if geteuid().is_root() {
        0
    } else {
        processes::tasks_of_this_user()
    };
    Ok(Plan {
        supervisor: getpid().as_raw_nonzero().get(),
        words,
        env,
        workdir,
        data_bytes: spec.limits.data_bytes(),
        file_bytes: spec.limits.file_bytes(),
        open_files: spec.limits.open_files,
        processes: spec.limits.max_processes.saturating_add(running),
        drop_rights: sandbox.layers() == 0,
    })
}

fn environment(charge: &Charge) -> BTreeMap<String, String> {
    let Charge {
        folder,
        spec,
        sandbox,
        state,
        ..
    } = charge;
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for key in INHERITED {
        if let Some(value) = system::variable(key).and_then(|value| value.into_string().ok()) {
            all.insert(key.to_owned(), value);
        }
    }
    all.entry("PATH".to_owned())
        .or_insert_with(|| DEFAULT_PATH.to_owned());
    all.extend(spec.env.clone());
    let tmp = if sandbox.layers() == 0 {
        real(&folder.tmp())
    } else {
        PathBuf::from("/tmp")
    };
    let own = [
        ("PORT", state.port.to_string()),
        ("HOST", "127.0.0.1".to_owned()),
        ("HOME", real(&folder.home()).to_string_lossy().into_owned()),
        ("TMPDIR", tmp.to_string_lossy().into_owned()),
        ("CLEARANCE_RUNTIME", spec.name.clone()),
        (processes::MARK, state.runtime_id.clone()),
    ];
    all.extend(own.map(|(key, value)| (key.to_owned(), value)));
    all
}

/// What steers the dynamic loader would steer bubblewrap too, outside of its own sandbox: such variables are set by
/// bubblewrap, for the agent alone.
fn loader_variables(env: &mut BTreeMap<String, String>) -> Vec<String> {
    let steers = |key: &str| {
        key.starts_with("LD_") || key.starts_with("GLIBC_") || key.starts_with("MALLOC_")
    };
    let (moved, kept): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(env)
        .into_iter()
        .partition(|(key, _)| steers(key));
    *env = kept;
    moved
        .into_iter()
        .flat_map(|(key, value)| ["--setenv".to_owned(), key, value])
        .collect()
}

fn empty_dir(path: &Path) -> Result<(), SuperviseError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            // Stale temporary files are a nuisance, not a reason to keep the agent down.
            super::note(&format!("cannot empty the temporary folder: {error}"));
        }
        _ => {}
    }
    Ok(folder::make_private_dir(path)?)
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
