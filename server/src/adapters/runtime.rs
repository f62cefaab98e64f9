//! The local runtime: agents as supervised processes of this machine, by the crate `local-runtime`.
//!
//! Owns `<data folder>/runtimes`: a runtime's folder also holds its unpacked image, so that they go together. Secrets are
//! read at the last moment; refuses those that belong to the control plane.

mod python;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use control_plane::ports::runtime::{
    Invocation, Runtime, RuntimeDescription, RuntimeOrder, StartedRuntime,
};
use control_plane::ports::secrets::Secrets;
use control_plane::ports::{PortError, PortErrorKind};
use domain::agent::is_inner_path;
use domain::runtime::RuntimeHealth;
use local_runtime::{
    ExchangeError, InvokeError, LocalRuntime, RuntimeError, RuntimeSpec, RuntimeState, Started,
    Stopped,
};
use secrecy::ExposeSecret as _;

use self::python::Python;
use super::images::{Images, digest, of_store, sentence};
use super::problem::{not_found, protocol, rejected, unavailable};
use super::{AdaptersConfig, secrets};

/// Longest answer of an agent, bytes.
const MAX_ANSWER: usize = 1 << 20;
/// Folder of the unpacked image inside the runtime's.
const IMAGE: &str = "image";
/// Where the agent finds the digest of the image it runs from, and Clearance finds it again.
const IMAGE_VARIABLE: &str = "CLEARANCE_IMAGE_DIGEST";
/// Variables that the adapter sets itself, beside [`KEY_VARIABLE`].
const OWN: [&str; 4] = [
    "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    IMAGE_VARIABLE,
];
/// Where the agent finds the path of its private key.
const KEY_VARIABLE: &str = "CLEARANCE_PRIVATE_KEY_FILE";

/// The adapter.
pub(super) struct LocalProcess {
    runtime: LocalRuntime,
    root: PathBuf,
    images: Arc<Images>,
    secrets: Arc<dyn Secrets>,
    /// References that agents may not name.
    own_secrets: Vec<String>,
    python: Python,
}

impl LocalProcess {
    pub(super) fn new(
        config: &AdaptersConfig,
        images: Arc<Images>,
        secrets: Arc<dyn Secrets>,
    ) -> Self {
        let root = config.data_dir.join("runtimes");
        let tokens = [
            &config.git.github_token,
            &config.git.azure_token,
            &config.mail.password,
        ];
        Self {
            runtime: LocalRuntime::new(root.clone(), config.supervisor.clone())
                .hiding(&config.data_dir),
            root,
            images,
            secrets,
            own_secrets: tokens
                .into_iter()
                .flatten()
                .chain(config.sign_in.references())
                .chain(config.identities.references())
                .cloned()
                .collect(),
            python: Python::new(config.python.clone()),
        }
    }

    async fn spec(&self, order: RuntimeOrder) -> Result<RuntimeSpec, PortError> {
        if !is_inner_path(&order.entrypoint) {
            return Err(rejected(
                "The entry point is not a file of the agent's folder: correct it in the manifest.",
            ));
        }
        let image = self.root.join(&order.name).join(IMAGE);
        let command = vec![self.python.executable().await?, order.entrypoint];
        let mut env = order.environment;
        env.extend(self.resolved(&order.secrets).await?);
        env.insert(
            "PYTHONPATH".to_owned(),
            format!("{0}/app:{0}/deps", image.display()),
        );
        env.insert(IMAGE_VARIABLE.to_owned(), order.image_digest);
        env.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        env.insert("PYTHONUNBUFFERED".to_owned(), "1".to_owned());
        let mut spec = RuntimeSpec::new(order.name, image, command);
        if !order.private_key_reference.is_empty() {
            spec.secret_files
                .push(PathBuf::from(&order.private_key_reference));
            env.insert(KEY_VARIABLE.to_owned(), order.private_key_reference);
        }
        spec.env = env;
        spec.limits.memory_mb = u64::from(order.memory_mb);
        spec.limits.start_timeout_s = u64::from(order.start_timeout_seconds);
        spec.check()
            .map_err(|error| rejected(sentence(&error.to_string())).because(error))?;
        Ok(spec)
    }

    async fn resolved(
        &self,
        references: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, PortError> {
        let mut values = BTreeMap::new();
        for (name, reference) in references {
            if !secrets::is_for_agents(reference, &self.own_secrets) {
                return Err(rejected(format!(
                    "The secret {name} is one of Clearance's own: name another reference in the manifest."
                )));
            }
            values.insert(
                name.clone(),
                self.secrets
                    .read(reference)
                    .await?
                    .expose_secret()
                    .to_owned(),
            );
        }
        Ok(values)
    }

    /// A runtime that lives already, which is left as it is.
    async fn living(&self, name: &str) -> Result<Option<StartedRuntime>, PortError> {
        let status = self.runtime.status(name).await.map_err(of_runtime)?;
        let status = status.filter(|status| status.alive && status.state.is_active());
        Ok(status
            .and_then(|status| status.endpoint())
            .map(|endpoint| StartedRuntime {
                name: name.to_owned(),
                endpoint,
            }))
    }
}

#[async_trait]
impl Runtime for LocalProcess {
    async fn start(&self, order: RuntimeOrder) -> Result<StartedRuntime, PortError> {
        if let Some(living) = self.living(&order.name).await? {
            return Ok(living);
        }
        let image = digest(&order.image_digest)?;
        let spec = self.spec(order).await?;
        self.images
            .store()
            .await?
            .unpack(image, &spec.app_dir)
            .await
            .map_err(of_store)?;
        self.runtime
            .start(&spec)
            .await
            .map(started)
            .map_err(of_runtime)
    }

    async fn health(&self, name: &str) -> Result<RuntimeHealth, PortError> {
        let status = self
            .runtime
            .status(name)
            .await
            .map_err(of_runtime)?
            .ok_or_else(|| none(name))?;
        Ok(match status.state {
            RuntimeState::Starting => RuntimeHealth::Starting,
            RuntimeState::Running if self.runtime.ping(name).await.is_ok() => {
                RuntimeHealth::Healthy
            }
            RuntimeState::Running | RuntimeState::Restarting => RuntimeHealth::Unhealthy,
            RuntimeState::Crashed | RuntimeState::Stopped | RuntimeState::Lost => {
                RuntimeHealth::Stopped
            }
        })
    }

    async fn invoke(
        &self,
        name: &str,
        payload: &serde_json::Value,
        timeout_seconds: u32,
    ) -> Result<Invocation, PortError> {
        let within = Duration::from_secs(u64::from(timeout_seconds.max(1)));
        let answer = self
            .runtime
            .invoke(name, payload, within, MAX_ANSWER)
            .await
            .map_err(of_invocation)?;
        Ok(Invocation {
            status: answer.status,
            body: answer.body,
            latency_ms: answer.latency_ms,
        })
    }

    async fn revive(&self, name: &str) -> Result<StartedRuntime, PortError> {
        self.runtime
            .restart(name)
            .await
            .map(started)
            .map_err(of_runtime)
    }

    async fn describe(&self, name: &str) -> Result<RuntimeDescription, PortError> {
        let status = self.runtime.status(name).await.map_err(of_runtime)?;
        let status = status.ok_or_else(|| none(name))?;
        let Some(spec) = self.runtime.spec(name).await.map_err(of_runtime)? else {
            return Ok(RuntimeDescription::default());
        };
        let settings = spec
            .env
            .iter()
            .filter(|(key, _)| !OWN.contains(&key.as_str()) && *key != KEY_VARIABLE)
            .map(|(key, value)| (key.clone(), domain::canonical::digest(value.as_bytes())));
        Ok(RuntimeDescription {
            image_digest: spec.env.get(IMAGE_VARIABLE).cloned(),
            settings: Some(settings.collect()),
            endpoint: status.endpoint(),
        })
    }

    async fn stop(&self, name: &str) -> Result<(), PortError> {
        match self.runtime.stop(name).await.map_err(of_runtime)? {
            Stopped::WasGone => Err(none(name)),
            Stopped::InOrder | Stopped::ByForce | Stopped::WasNotRunning => Ok(()),
        }
    }

    async fn remove(&self, name: &str) -> Result<(), PortError> {
        self.runtime.stop(name).await.map_err(of_runtime)?;
        self.runtime
            .remove(name)
            .await
            .map(drop)
            .map_err(of_runtime)
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        let all = self.runtime.list().await.map_err(of_runtime)?;
        Ok(all.into_iter().map(|status| status.name).collect())
    }

    async fn log_tail(&self, name: &str, lines: usize) -> Result<Vec<String>, PortError> {
        self.runtime.logs(name, lines).await.map_err(of_runtime)
    }
}

fn started(started: Started) -> StartedRuntime {
    StartedRuntime {
        name: started.name,
        endpoint: started.endpoint,
    }
}

fn none(name: &str) -> PortError {
    not_found(format!(
        "There is no runtime {name}: deploy the version again."
    ))
}

fn of_runtime(error: RuntimeError) -> PortError {
    let kind = match &error {
        RuntimeError::Spec(_) => PortErrorKind::Rejected,
        RuntimeError::NotFound { .. } => PortErrorKind::NotFound,
        RuntimeError::Busy { .. }
        | RuntimeError::StillAlive { .. }
        | RuntimeError::SupervisorFailed { .. }
        | RuntimeError::NotReady { .. }
        | RuntimeError::Survived { .. }
        | RuntimeError::File(_)
        | RuntimeError::Spawn { .. } => PortErrorKind::Unavailable,
    };
    let message = if let RuntimeError::Spec(inner) = &error {
        inner.to_string()
    } else {
        error.to_string()
    };
    let message = sentence(&message);
    PortError::new(kind, message).because(error)
}

fn of_invocation(error: InvokeError) -> PortError {
    let make: fn(String) -> PortError = match &error {
        InvokeError::NotFound { .. } => not_found,
        InvokeError::NotRunning { .. }
        | InvokeError::Exchange(
            ExchangeError::Unreachable { .. } | ExchangeError::TimedOut { .. },
        ) => unavailable,
        InvokeError::SessionId
        | InvokeError::NotText
        | InvokeError::Exchange(ExchangeError::TooLarge { .. } | ExchangeError::Protocol { .. }) => {
            protocol
        }
    };
    let message = if let InvokeError::Exchange(ExchangeError::TimedOut { after }) = &error {
        format!("The agent did not answer within {} s.", after.as_secs())
    } else {
        sentence(&error.to_string())
    };
    make(message).because(error)
}
