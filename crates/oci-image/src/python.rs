//! The Python interpreter that installs an agent's packages and later runs it.
//!
//! It is started isolated (`-I`): the agent's folder, user packages and `PYTHON*` variables have no say.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use crate::environment;
use crate::error::BuildError;
use crate::log::LogSink;
use crate::process::{self, Ended};

const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// Prints one JSON line; also works on interpreters too old to be used.
const PROBE: &str = "import importlib.util, json, platform, sys, sysconfig; print('clearance:' + json.dumps(dict(\
executable=sys.executable, version='.'.join(map(str, sys.version_info[:3])), implementation=platform.python_implementation(), \
platform=sysconfig.get_platform(), pip=importlib.util.find_spec('pip') is not None)))";

/// What an interpreter says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Interpreter {
    /// Absolute path; version managers put a script in front of it that needs the user's home folder.
    pub(crate) executable: String,
    pub(crate) version: String,
    pub(crate) implementation: String,
    pub(crate) platform: String,
    pip: bool,
}

/// The version of the Python interpreter `python` (a command or path), once it is known to start and to have pip.
///
/// # Errors
/// [`BuildError::InterpreterMissing`], [`BuildError::InterpreterBroken`], [`BuildError::PipMissing`].
pub async fn python_available(python: &str) -> Result<String, BuildError> {
    Ok(probe(python).await?.version)
}

pub(crate) async fn probe(python: &str) -> Result<Interpreter, BuildError> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let seen = Arc::clone(&seen);
        LogSink::new(move |line| {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line.to_owned());
        })
    };
    let mut command = isolated(python);
    command.args(["-c", PROBE]);
    let finished = process::run(command, PROBE_LIMIT, sink, std::future::pending())
        .await
        .map_err(|error| start_failed(python, &error))?;
    let answer = seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .find_map(|line| {
            serde_json::from_str::<Interpreter>(line.strip_prefix("clearance:")?).ok()
        });
    let ok = matches!(finished.ended, Ended::Exited(status) if status.success());
    match answer {
        Some(found) if ok && found.version.starts_with("3.") => {
            if found.pip {
                return Ok(found);
            }
            let python = python.to_owned();
            Err(BuildError::PipMissing { python })
        }
        Some(_) | None => Err(BuildError::InterpreterBroken {
            python: python.to_owned(),
            last_lines: finished.last_lines,
        }),
    }
}

/// `python -I` with no more of the environment than it needs to start.
pub(crate) fn isolated(python: &str) -> Command {
    let mut command = Command::new(python);
    command.env_clear().arg("-I");
    for name in [
        "PATH",
        "HOME",
        "LD_LIBRARY_PATH",
        "PYENV_ROOT",
        "PYENV_VERSION",
    ] {
        if let Some(value) = environment::variable(name) {
            command.env(name, value);
        }
    }
    command.env("LC_ALL", "C.UTF-8").current_dir(Path::new("/"));
    command
}

pub(crate) fn start_failed(python: &str, error: &io::Error) -> BuildError {
    tracing::warn!(python, %error, "the interpreter could not be started");
    let python = python.to_owned();
    let absent = [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied];
    if absent.contains(&error.kind()) {
        return BuildError::InterpreterMissing { python };
    }
    BuildError::InterpreterBroken {
        python,
        last_lines: Vec::new(),
    }
}
