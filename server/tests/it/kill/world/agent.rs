//! A running agent, as its runtime keeps it on the disk.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// A running agent, as its runtime's folder tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::kill) struct Agent {
    pid: i64,
    started: i64,
    port: i64,
}

pub(super) fn state(folder: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(folder.join("state.json")).ok()?).ok()
}

impl Agent {
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let state = state(folder)?;
        let number = |at: &str| state.pointer(at).and_then(Value::as_i64);
        Some(Self {
            pid: number("/agent/pid")?,
            started: number("/agent/started")?,
            port: number("/port")?,
        })
    }

    /// Does it answer on its port?
    pub(in crate::kill) async fn answers(&self) -> bool {
        reqwest::get(format!("http://127.0.0.1:{}/ping", self.port))
            .await
            .is_ok_and(|answer| answer.status().is_success())
    }
}
