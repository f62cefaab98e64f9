//! A runtime in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::runtime::RuntimeHealth;
use serde_json::Value;

use super::{Faults, lock};
use crate::ports::runtime::{
    Invocation, Runtime, RuntimeDescription, RuntimeOrder, StartedRuntime,
};
use crate::ports::{PortError, PortErrorKind};

/// How agents come up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// Healthy at once.
    #[default]
    Healthy,
    /// Running, and never healthy.
    NeverHealthy,
    /// The process ends right away.
    Stops,
}

impl Start {
    const fn health(self) -> RuntimeHealth {
        match self {
            Self::Healthy => RuntimeHealth::Healthy,
            Self::NeverHealthy => RuntimeHealth::Starting,
            Self::Stops => RuntimeHealth::Stopped,
        }
    }
}

type Answer = dyn Fn(&RuntimeOrder, &Value) -> Result<Invocation, PortError> + Send + Sync;

struct State {
    agents: BTreeMap<String, (RuntimeOrder, RuntimeHealth)>,
    start: Start,
    starts: BTreeMap<String, u32>,
    /// Endpoints that somebody moved.
    moved: BTreeMap<String, String>,
    answer: Arc<Answer>,
}

/// Running agents by name.
pub struct FakeRuntime {
    faults: Arc<Faults>,
    state: Mutex<State>,
}

impl fmt::Debug for FakeRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeRuntime")
            .field("agents", &self.names())
            .finish_non_exhaustive()
    }
}

impl FakeRuntime {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        let answer = |_: &RuntimeOrder, _: &Value| {
            Ok(Invocation {
                status: 200,
                body: r#"{"result":"Yes."}"#.to_owned(),
                latency_ms: 5,
            })
        };
        let state = State {
            agents: BTreeMap::new(),
            start: Start::default(),
            starts: BTreeMap::new(),
            moved: BTreeMap::new(),
            answer: Arc::new(answer),
        };
        Self {
            faults,
            state: Mutex::new(state),
        }
    }

    /// How agents come up from now on.
    pub fn set_start(&self, start: Start) {
        lock(&self.state).start = start;
    }

    /// How one agent is from now on.
    pub fn set_health(&self, name: &str, health: RuntimeHealth) {
        if let Some((_, known)) = lock(&self.state).agents.get_mut(name) {
            *known = health;
        }
    }

    /// Changes what an agent runs with, without telling anybody.
    pub fn tamper(&self, name: &str, change: impl FnOnce(&mut RuntimeOrder)) {
        if let Some((order, _)) = lock(&self.state).agents.get_mut(name) {
            change(order);
        }
    }

    /// Moves the endpoint of an agent without telling anybody.
    pub fn move_endpoint(&self, name: &str, endpoint: &str) {
        let mut state = lock(&self.state);
        state.moved.insert(name.to_owned(), endpoint.to_owned());
    }

    /// Loses an agent without telling anybody.
    pub fn lose(&self, name: &str) {
        lock(&self.state).agents.remove(name);
    }

    /// What agents answer from now on.
    pub fn set_answer(
        &self,
        answer: impl Fn(&RuntimeOrder, &Value) -> Result<Invocation, PortError> + Send + Sync + 'static,
    ) {
        lock(&self.state).answer = Arc::new(answer);
    }

    /// Every agent there is.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        lock(&self.state).agents.keys().cloned().collect()
    }

    /// What an agent was started with.
    #[must_use]
    pub fn order(&self, name: &str) -> Option<RuntimeOrder> {
        lock(&self.state)
            .agents
            .get(name)
            .map(|(order, _)| order.clone())
    }

    /// How often an agent was really started, repeats of the same call not counted.
    #[must_use]
    pub fn starts(&self, name: &str) -> u32 {
        lock(&self.state).starts.get(name).copied().unwrap_or(0)
    }

    /// An agent that Clearance never started.
    pub fn add_foreign(&self, name: &str) {
        let order = RuntimeOrder {
            name: name.to_owned(),
            image_digest: String::new(),
            entrypoint: String::new(),
            environment: BTreeMap::new(),
            secrets: BTreeMap::new(),
            private_key_reference: String::new(),
            memory_mb: 64,
            start_timeout_seconds: 1,
        };
        let agent = (order, RuntimeHealth::Healthy);
        lock(&self.state).agents.insert(name.to_owned(), agent);
    }
}

fn missing(name: &str) -> PortError {
    PortError::new(
        PortErrorKind::NotFound,
        format!("There is no runtime {name}."),
    )
}

fn started(name: &str) -> StartedRuntime {
    StartedRuntime {
        name: name.to_owned(),
        endpoint: format!("http://127.0.0.1:1/{name}"),
    }
}

#[async_trait]
impl Runtime for FakeRuntime {
    async fn start(&self, order: RuntimeOrder) -> Result<StartedRuntime, PortError> {
        let name = order.name.clone();
        let start = || {
            let mut state = lock(&self.state);
            if !state.agents.contains_key(&name) {
                let health = state.start.health();
                state.agents.insert(name.clone(), (order, health));
                *state.starts.entry(name.clone()).or_default() += 1;
            }
            Ok(started(&name))
        };
        self.faults.run("runtime.start", &name, start).await
    }

    async fn health(&self, name: &str) -> Result<RuntimeHealth, PortError> {
        let health = || {
            let state = lock(&self.state);
            let known = state.agents.get(name).map(|(_, health)| *health);
            known.ok_or_else(|| missing(name))
        };
        self.faults.run("runtime.health", name, health).await
    }

    async fn invoke(
        &self,
        name: &str,
        payload: &Value,
        _timeout_seconds: u32,
    ) -> Result<Invocation, PortError> {
        let invoke = || {
            let (order, answer) = {
                let state = lock(&self.state);
                let (order, _) = state.agents.get(name).ok_or_else(|| missing(name))?;
                (order.clone(), Arc::clone(&state.answer))
            };
            answer(&order, payload)
        };
        self.faults.run("runtime.invoke", name, invoke).await
    }

    async fn revive(&self, name: &str) -> Result<StartedRuntime, PortError> {
        let revive = || {
            let mut state = lock(&self.state);
            let (_, health) = state.agents.get_mut(name).ok_or_else(|| missing(name))?;
            *health = RuntimeHealth::Healthy;
            Ok(started(name))
        };
        self.faults.run("runtime.revive", name, revive).await
    }

    async fn describe(&self, name: &str) -> Result<RuntimeDescription, PortError> {
        let describe = || {
            let state = lock(&self.state);
            let (order, _) = state.agents.get(name).ok_or_else(|| missing(name))?;
            let digest = |value: &String| domain::canonical::digest(value.as_bytes());
            // What is secret is there by name; its value is nobody's business.
            let settings = order.environment.iter().chain(&order.secrets);
            let moved = state.moved.get(name).cloned();
            Ok(RuntimeDescription {
                image_digest: Some(order.image_digest.clone()),
                settings: Some(settings.map(|(k, v)| (k.clone(), digest(v))).collect()),
                endpoint: Some(moved.unwrap_or_else(|| started(name).endpoint)),
            })
        };
        self.faults.run("runtime.describe", name, describe).await
    }

    async fn stop(&self, name: &str) -> Result<(), PortError> {
        let stop = || {
            let mut state = lock(&self.state);
            let (_, health) = state.agents.get_mut(name).ok_or_else(|| missing(name))?;
            *health = RuntimeHealth::Stopped;
            Ok(())
        };
        self.faults.run("runtime.stop", name, stop).await
    }

    async fn remove(&self, name: &str) -> Result<(), PortError> {
        let remove = || {
            let mut state = lock(&self.state);
            state.agents.remove(name);
            state.moved.remove(name);
            Ok(())
        };
        self.faults.run("runtime.remove", name, remove).await
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        self.faults
            .run("runtime.list", "", || Ok(self.names()))
            .await
    }

    async fn log_tail(&self, name: &str, _lines: usize) -> Result<Vec<String>, PortError> {
        let tail = || Ok(vec![format!("{name} says its last word")]);
        self.faults.run("runtime.log_tail", name, tail).await
    }
}
