//! Where a runtime stands. Owns `state.json`, which the supervisor alone writes while it lives, and the status that
//! callers see; refuses to believe a stored "running" without a live supervisor: that is [`RuntimeState::Lost`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// State of a runtime.
///
/// ```text
/// Starting > Running > Restarting > Starting        supervisor
/// Starting | Running | Restarting > Crashed         supervisor, after too many restarts; it then ends
/// any > Stopped                                     LocalRuntime::stop
/// Starting | Running | Restarting > Lost            supervisor gone (killed, reboot); seen when reading
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeState {
    /// The process exists but does not accept connections yet.
    Starting,
    /// It accepts connections on its port.
    Running,
    /// It ended and waits for its next start.
    Restarting,
    /// It ended too often; nobody starts it again by itself.
    Crashed,
    /// It was told to stop.
    Stopped,
    /// Its supervisor is gone without a word. Start it again to get it back, or stop it to clear up.
    Lost,
}

impl RuntimeState {
    /// The state as one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Crashed => "crashed",
            Self::Stopped => "stopped",
            Self::Lost => "lost",
        }
    }

    /// Whether a supervisor ought to be there.
    #[must_use]
    pub fn is_active(self) -> bool {
        match self {
            Self::Starting | Self::Running | Self::Restarting => true,
            Self::Crashed | Self::Stopped | Self::Lost => false,
        }
    }
}

impl fmt::Display for RuntimeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why the agent's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitReason {
    /// By itself.
    Ended,
    /// It did not accept connections in time.
    StartTimeout,
    /// It used more memory than allowed.
    MemoryLimit,
    /// It had more processes and threads than allowed.
    ProcessLimit,
    /// It was told to stop.
    Stopped,
    /// It could not be started at all.
    NotStarted,
}

/// The end of one run of the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Why.
    pub reason: ExitReason,
    /// The exit status, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            ExitReason::Ended => "it ended",
            ExitReason::StartTimeout => "it did not listen on its port in time",
            ExitReason::MemoryLimit => "it went over its memory limit",
            ExitReason::ProcessLimit => "it went over its limit of processes",
            ExitReason::Stopped => "it was stopped",
            ExitReason::NotStarted => "it could not be started",
        };
        match (self.code, self.signal) {
            (Some(code), _) => write!(f, "{reason} with exit status {code}"),
            (None, Some(signal)) => write!(f, "{reason} by signal {signal}"),
            (None, None) => f.write_str(reason),
        }
    }
}

/// What is known about one runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuntimeStatus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: RuntimeState,
    /// Whether a supervisor holds it at this moment. A runtime that is alive must not be counted as gone.
    pub alive: bool,
    /// The agent's process (in a sandbox: the sandbox's outermost process).
    pub pid: Option<i32>,
    /// The supervisor's process.
    pub supervisor_pid: Option<i32>,
    /// The loopback port; it stays the same over restarts unless someone else took it.
    pub port: Option<u16>,
    /// Restarts since the last start.
    pub restarts: u32,
    /// When the agent's process was started, in milliseconds since 1970.
    pub started_at_ms: Option<u64>,
    /// The end of its last run.
    pub last_exit: Option<Exit>,
    /// The last log lines before its last unwanted end, made printable.
    pub last_lines: Vec<String>,
    /// `bubblewrap`, or `none: ` and why.
    pub sandbox: String,
    /// Set when the folder cannot be read as it should.
    pub problem: Option<String>,
}

impl RuntimeStatus {
    /// `http://127.0.0.1:<port>`, once the port is known.
    #[must_use]
    pub fn endpoint(&self) -> Option<String> {
        self.port.map(endpoint)
    }
}

pub(crate) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A process that cannot be mistaken for a later one with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessId {
    pub(crate) pid: i32,
    /// Clock ticks from boot to its start.
    pub(crate) started: u64,
}

/// `state.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredState {
    /// Stays the same for the life of the folder; every agent process carries it.
    pub(crate) runtime_id: String,
    /// The start this belongs to.
    pub(crate) launch_id: String,
    /// Process numbers mean nothing after a reboot.
    pub(crate) boot_id: String,
    pub(crate) state: RuntimeState,
    pub(crate) supervisor: Option<ProcessId>,
    pub(crate) agent: Option<ProcessId>,
    pub(crate) port: u16,
    pub(crate) restarts: u32,
    pub(crate) started_at_ms: Option<u64>,
    pub(crate) last_exit: Option<Exit>,
    #[serde(default)]
    pub(crate) last_lines: Vec<String>,
    pub(crate) sandbox: String,
}

impl StoredState {
    /// The status that this state means, given whether the supervisor lives.
    pub(crate) fn status(self, name: &str, alive: bool) -> RuntimeStatus {
        let state = if self.state.is_active() && !alive {
            RuntimeState::Lost
        } else {
            self.state
        };
        RuntimeStatus {
            name: name.to_owned(),
            state,
            alive,
            pid: self.agent.filter(|_| alive).map(|agent| agent.pid),
            supervisor_pid: self
                .supervisor
                .filter(|_| alive)
                .map(|supervisor| supervisor.pid),
            port: Some(self.port),
            restarts: self.restarts,
            started_at_ms: self.started_at_ms,
            last_exit: self.last_exit,
            last_lines: self.last_lines,
            sandbox: self.sandbox,
            problem: None,
        }
    }
}
