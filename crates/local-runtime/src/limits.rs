//! What an agent may use. Owns the limits of a runtime and how each is enforced; refuses to be the only wall: two
//! of them are measured over the whole process tree by the supervisor, and backed by a limit of the kernel.

use serde::{Deserialize, Serialize};

use crate::error::SpecError;

const MIB: u64 = 1024 * 1024;

/// Limits of one runtime. Every value is at least 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Memory of the whole process tree in MiB (anonymous memory; shared pages count once). The supervisor looks
    /// twice a second and kills the tree. Between two looks each single process is held by `RLIMIT_DATA` at four
    /// times this value, at least 1 GiB more than it.
    pub memory_mb: u64,
    /// Processes and threads of the whole tree, looked at twice a second; the kernel's `RLIMIT_NPROC` is set to the
    /// same number above what the user runs already. The kernel does not hold root to it.
    pub max_processes: u64,
    /// Open files of each process (`RLIMIT_NOFILE`).
    pub open_files: u64,
    /// Largest file that a process may write, in MiB (`RLIMIT_FSIZE`).
    pub max_file_mb: u64,
    /// Seconds from its start until the agent must accept connections on its port.
    pub start_timeout_s: u64,
    /// Restarts within the window before the supervisor gives up. Zero means: never restart.
    pub max_restarts: u32,
    /// Length of the window in seconds.
    pub restart_window_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mb: 512,
            max_processes: 256,
            open_files: 1024,
            max_file_mb: 256,
            start_timeout_s: 30,
            max_restarts: 5,
            restart_window_s: 300,
        }
    }
}

impl Limits {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        let positive = [
            ("memory_mb", self.memory_mb),
            ("max_processes", self.max_processes),
            ("open_files", self.open_files),
            ("max_file_mb", self.max_file_mb),
            ("start_timeout_s", self.start_timeout_s),
            ("restart_window_s", self.restart_window_s),
        ];
        match positive.into_iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(SpecError::ZeroLimit(key)),
            None => Ok(()),
        }
    }

    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_mb.saturating_mul(MIB)
    }

    /// Interpreters reserve far more writable memory than they touch (8 MiB per thread), hence the distance to
    /// `memory_mb`.
    pub(crate) fn data_bytes(&self) -> u64 {
        let fourfold = self.memory_mb.saturating_mul(4);
        fourfold
            .max(self.memory_mb.saturating_add(1024))
            .saturating_mul(MIB)
    }

    pub(crate) fn file_bytes(&self) -> u64 {
        self.max_file_mb.saturating_mul(MIB)
    }
}
