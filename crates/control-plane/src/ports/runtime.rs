//! Runtimes: where agents run. They go on running when Clearance stops.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::runtime::RuntimeHealth;

use super::PortError;

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeOrder {
    /// Deterministic name: asking again gives the same runtime.
    pub name: String,
    pub image_digest: String,
    pub entrypoint: String,
    /// Environment of the agent. References and plain settings; never a secret's value.
    pub environment: BTreeMap<String, String>,
    /// Name to reference of secrets, resolved at the last moment inside the adapter.
    pub secrets: BTreeMap<String, String>,
    /// From [`super::identity_provider::ProvidedIdentity`].
    pub private_key_reference: String,
    pub memory_mb: u32,
    pub start_timeout_seconds: u32,
}

/// A running runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedRuntime {
    pub name: String,
    /// Where `POST /invocations` and `GET /ping` answer, such as `http://127.0.0.1:41234`.
    pub endpoint: String,
}

/// A runtime as its target has it now. What a target does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuntimeDescription {
    pub image_digest: Option<String>,
    /// Name of each setting to the `sha256:` of its value: a value may be secret.
    pub settings: Option<BTreeMap<String, String>>,
    pub endpoint: Option<String>,
}

/// What an agent answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    pub status: u16,
    pub body: String,
    pub latency_ms: u64,
}

/// A runtime target.
#[async_trait]
pub trait Runtime: Send + Sync {
    /// Creates and starts the runtime, or gives the one that exists.
    async fn start(&self, order: RuntimeOrder) -> Result<StartedRuntime, PortError>;

    /// How it is now; `NotFound` when there is none of that name.
    async fn health(&self, name: &str) -> Result<RuntimeHealth, PortError>;

    /// Asks the agent over AgentCore's HTTP contract.
    async fn invoke(
        &self,
        name: &str,
        payload: &serde_json::Value,
        timeout_seconds: u32,
    ) -> Result<Invocation, PortError>;

    /// Starts a runtime again whose process was lost, such as by a reboot. Running already is no error.
    async fn revive(&self, name: &str) -> Result<StartedRuntime, PortError>;

    /// What really runs; `NotFound` when there is none of that name.
    async fn describe(&self, name: &str) -> Result<RuntimeDescription, PortError>;

    /// Stops it and leaves it there, to be revived. Stopped already is no error, `NotFound` where there is none.
    async fn stop(&self, name: &str) -> Result<(), PortError>;

    /// Stops and removes it with everything it owns. Gone already is no error.
    async fn remove(&self, name: &str) -> Result<(), PortError>;

    /// Every runtime there is, for receipts.
    async fn list(&self) -> Result<Vec<String>, PortError>;

    /// The last lines of its log, oldest first, made safe to show.
    async fn log_tail(&self, name: &str, lines: usize) -> Result<Vec<String>, PortError>;
}
