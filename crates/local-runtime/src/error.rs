//! What can go wrong, typed. Owns every public error of the crate; each says what was wrong and, where a person
//! can act, what to do. Refuses to carry values of an agent's environment.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::state::RuntimeState;

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", path.display())]
pub struct FileError {
    /// What was tried ("read", "write", …).
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system answered.
    #[source]
    pub source: io::Error,
}

/// A [`crate::RuntimeSpec`] that is refused before anything is started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The name cannot be a folder name.
    #[error(
        "runtime name {0:?} is not usable: 1 to 100 letters, digits, `-`, `_` or `.`, starting with a letter or digit"
    )]
    Name(String),
    /// There is nothing to run.
    #[error("the command is empty: give the program and its arguments")]
    EmptyCommand,
    /// A text that no process can be given.
    #[error("{0} contains a NUL character")]
    Nul(&'static str),
    /// The working folder leaves the image.
    #[error("the working folder `{}` must be a relative path inside the image", .0.display())]
    Workdir(PathBuf),
    /// The image folder or a secret file is not an absolute path.
    #[error("`{}` must be an absolute path", .0.display())]
    Relative(PathBuf),
    /// The image folder is missing.
    #[error("the image folder `{}` does not exist: unpack the image first", .0.display())]
    NoImage(PathBuf),
    /// The key of an environment variable is malformed.
    #[error(
        "environment key {0:?} is not usable: letters, digits and `_`, not starting with a digit"
    )]
    EnvKey(String),
    /// The key belongs to the runtime.
    #[error("environment key {0:?} is set by the runtime itself")]
    ReservedEnvKey(String),
    /// The environment is larger than a process can be given.
    #[error("the environment and command have {0} bytes: at most 100,000 are accepted")]
    TooLarge(usize),
    /// A limit of zero.
    #[error("the limit `{0}` must be at least 1")]
    ZeroLimit(&'static str),
}

/// Why an operation on a runtime failed.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The spec or name was refused; nothing was done.
    #[error("the runtime cannot be started as described")]
    Spec(#[from] SpecError),
    /// There is no such folder.
    #[error("there is no runtime `{name}`")]
    NotFound {
        /// The name asked for.
        name: String,
    },
    /// Another start, stop or removal of the same runtime has been at work for the whole waiting time.
    #[error("runtime `{name}` is being started or stopped by someone else: try again")]
    Busy {
        /// The runtime.
        name: String,
    },
    /// The runtime is alive and the operation needs it stopped.
    #[error("runtime `{name}` is alive: stop it first")]
    StillAlive {
        /// The runtime.
        name: String,
    },
    /// The supervisor process ended or hung before it was ready.
    #[error("the supervisor of `{name}` did not start: {detail}")]
    SupervisorFailed {
        /// The runtime.
        name: String,
        /// The last lines it wrote.
        detail: String,
    },
    /// The agent did not come up in time, or gave up.
    #[error("runtime `{name}` did not become healthy: it is {state}; {detail}")]
    NotReady {
        /// The runtime.
        name: String,
        /// Where it stands.
        state: RuntimeState,
        /// The last ping error or exit.
        detail: String,
    },
    /// Some processes outlived SIGKILL for the whole waiting time.
    #[error("processes of runtime `{name}` are still there after SIGKILL: {pids:?}")]
    Survived {
        /// The runtime.
        name: String,
        /// The processes that are left.
        pids: Vec<i32>,
    },
    /// The folder cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A process could not be started.
    #[error("cannot run `{program}`")]
    Spawn {
        /// The program.
        program: String,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
}

/// Why a ping gave no answer that counts as healthy.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// The name cannot exist, or does not.
    #[error("there is no runtime `{name}`")]
    NotFound {
        /// The name asked for.
        name: String,
    },
    /// The runtime is not running, so nobody was asked.
    #[error("the runtime is {state}")]
    NotRunning {
        /// Where it stands.
        state: RuntimeState,
    },
    /// The agent cannot be asked.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The agent answered with another status than 200.
    #[error("GET /ping answered {status}: 200 is expected")]
    WrongStatus {
        /// The `HTTP` status.
        status: u16,
    },
    /// The agent answered 200 with something that is not the contract's `JSON`.
    #[error(
        "GET /ping answered with something else than {{\"status\":\"Healthy\"}} or {{\"status\":\"HealthyBusy\"}}: {excerpt}"
    )]
    Garbage {
        /// The beginning of the answer, made printable.
        excerpt: String,
    },
}

/// Why an invocation gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The name cannot exist, or does not.
    #[error("there is no runtime `{name}`")]
    NotFound {
        /// The name asked for.
        name: String,
    },
    /// The runtime is not running, so nobody was asked.
    #[error("the runtime is {state}")]
    NotRunning {
        /// Where it stands.
        state: RuntimeState,
    },
    /// The session id is outside of what the contract allows.
    #[error("a session id has 33 to 256 visible ASCII characters")]
    SessionId,
    /// The agent cannot be asked, or its answer cannot be taken.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The answer is not text.
    #[error("the answer is not UTF-8 text")]
    NotText,
}

/// One `HTTP` exchange with an agent that failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Nobody listens on the port.
    #[error("the agent does not listen on 127.0.0.1:{port}")]
    Unreachable {
        /// The port.
        port: u16,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// No complete answer within the time.
    #[error("the agent did not answer within {} ms", after.as_millis())]
    TimedOut {
        /// The time that was allowed.
        after: Duration,
    },
    /// The answer is larger than allowed.
    #[error("the agent's answer is larger than {limit} bytes")]
    TooLarge {
        /// The bytes that were allowed.
        limit: usize,
    },
    /// What came back is not `HTTP`, or the connection broke.
    #[error("the agent did not answer in HTTP: {detail}")]
    Protocol {
        /// What the parser said.
        detail: String,
    },
}

/// Why a supervisor ended other than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// Another supervisor holds the folder. Harmless.
    #[error("another supervisor looks after `{}` already", .0.display())]
    AlreadySupervised(PathBuf),
    /// The start that this supervisor belongs to was withdrawn. Harmless.
    #[error("the start of `{}` was withdrawn", .0.display())]
    Withdrawn(PathBuf),
    /// The folder cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The stored spec is refused.
    #[error("the stored spec is refused")]
    Spec(#[from] SpecError),
    /// No loopback port is free.
    #[error("no loopback port is free")]
    NoPort,
    /// Something that the supervisor needs from the system failed.
    #[error("cannot {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
}
