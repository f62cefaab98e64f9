//! Runs agents as supervised local processes that outlive the control plane.
//!
//! Owns: the runtime folders (`<root>/<name>/`), the detached supervisor process of each, the agent's limits and
//! sandbox, its log, and the `HTTP` contract (`GET /ping`, `POST /invocations`) spoken to it over loopback.
//! Refuses: to know what a deployment, a version or an approval is; to reach anything but `127.0.0.1`; to touch a
//! process that it cannot prove to be its own.
//!
//! # How it holds together
//!
//! * One folder is one runtime. A supervisor holds `supervisor.lock` for its whole life, so "alive" is "locked":
//!   the answer needs no process id and survives a kill of either side.
//! * The control plane keeps nothing in memory. [`LocalRuntime`] reads the folders anew on every call, so a new
//!   control plane finds what the last one started.
//! * The chain is `control plane → supervisor → launcher → (bwrap →) agent`. The supervisor has a session of its
//!   own, so signals to the control plane or its terminal do not reach it. The launcher is the supervisor's
//!   program again, in another role: it takes the limits upon itself, asks the kernel to be killed when the
//!   supervisor dies, and becomes the agent.
//! * Every agent process carries the runtime's id in its environment. After a supervisor was killed, the next
//!   [`LocalRuntime::start`] or [`LocalRuntime::stop`] finds what it left by that mark and kills it.
//!
//! A service manager that kills whole control groups (systemd's default) would take the agents down with the
//! control plane: its unit needs `KillMode=process`.

mod agent_log;
mod control;
mod error;
mod folder;
mod http;
mod launch;
mod limits;
mod lock;
mod ports;
mod processes;
mod random;
mod runtime;
mod sandbox;
mod spec;
mod state;
mod supervise;
mod system;

pub use error::{
    ExchangeError, FileError, InvokeError, PingError, RuntimeError, SpecError, SuperviseError,
};
pub use http::{Invocation, Ping};
pub use limits::Limits;
pub use runtime::{LocalRuntime, Removed, Started, Stopped, SupervisorCommand};
pub use spec::{RuntimeSpec, SandboxMode};
pub use state::{Exit, ExitReason, RuntimeState, RuntimeStatus};
pub use supervise::supervise;
