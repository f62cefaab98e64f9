//! The local runtime, with a real agent under this program's own supervisor.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use control_plane::ports::identity_provider::IdentityOrder;
use control_plane::ports::image_builder::BuildOrder;
use control_plane::ports::runtime::{Runtime, RuntimeOrder};
use control_plane::ports::{PortErrorKind, Ports};
use domain::runtime::RuntimeHealth;
use local_runtime::SupervisorCommand;
use secrecy::SecretString;
use serde_json::{Value, json};
use server::adapters::{AdaptersConfig, ports};
use tempfile::TempDir;

use crate::adapters_images::manifest;

const WITHIN: Duration = Duration::from_secs(60);

/// A data folder with the image of the small agent. Whatever still runs is removed at the end, also of a test that fails.
struct Bench {
    root: TempDir,
    ports: Ports,
    digest: String,
}

impl Bench {
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut config = AdaptersConfig::new(root.path().join("data"));
        config.supervisor = SupervisorCommand::new(env!("CARGO_BIN_EXE_clearance"), ["supervise"]);
        config.git.github_token = Some("file:git-host".to_owned());
        let ports = ports(config).unwrap();
        let source = root.path().join("source");
        std::fs::create_dir(&source).unwrap();
        std::fs::write(
            source.join("agent.py"),
            include_str!("adapters_runtime/agent.py"),
        )
        .unwrap();
        let mut manifest = manifest();
        manifest.runtime.requirements = None;
        let order = BuildOrder {
            reference: "bot:one".to_owned(),
            source,
            manifest,
            commit: "c".repeat(40),
            version: "1.0.0".to_owned(),
        };
        let digest = ports
            .image_builder
            .build(order, tokio::sync::mpsc::unbounded_channel().0)
            .await
            .unwrap()
            .digest;
        Self {
            root,
            ports,
            digest,
        }
    }

    fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.ports.runtime
    }

    fn order(&self, name: &str) -> RuntimeOrder {
        RuntimeOrder {
            name: name.to_owned(),
            image_digest: self.digest.clone(),
            entrypoint: "agent.py".to_owned(),
            environment: BTreeMap::from([("MODE".to_owned(), "test".to_owned())]),
            secrets: BTreeMap::new(),
            private_key_reference: String::new(),
            memory_mb: 256,
            start_timeout_seconds: 30,
        }
    }

    async fn until(&self, name: &str, wanted: &[RuntimeHealth]) {
        let deadline = Instant::now() + WITHIN;
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        loop {
            let now = self.runtime().health(name).await.unwrap();
            if wanted.contains(&now) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{name} is {now} and not {wanted:?}: {:?}",
                self.runtime().log_tail(name, 20).await
            );
            beat.tick().await;
        }
    }

    async fn ask(&self, name: &str, prompt: &str, seconds: u32) -> Result<Value, PortErrorKind> {
        let answer = self
            .runtime()
            .invoke(name, &json!({ "prompt": prompt }), seconds)
            .await;
        answer
            .map(|answer| serde_json::from_str(&answer.body).unwrap())
            .map_err(|error| error.kind)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let runtime = Arc::clone(self.runtime());
        let cleared = std::thread::spawn(move || {
            let events = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            events.block_on(async {
                for name in runtime.list().await.unwrap_or_default() {
                    let _ = runtime.remove(&name).await;
                }
            });
        });
        let _ = cleared.join();
    }
}

#[tokio::test]
async fn a_runtime_starts_answers_comes_back_and_goes() {
    let bench = Bench::new().await;
    let runtime = bench.runtime();
    assert!(runtime.list().await.unwrap().is_empty());
    assert_eq!(
        runtime.health("bot-7").await.unwrap_err().kind,
        PortErrorKind::NotFound
    );
    let started = runtime.start(bench.order("bot-7")).await.unwrap();
    bench.until("bot-7", &[RuntimeHealth::Healthy]).await;
    assert_eq!(
        runtime.start(bench.order("bot-7")).await.unwrap(),
        started,
        "a living one is left alone"
    );
    assert_eq!(runtime.revive("bot-7").await.unwrap(), started);
    assert_eq!(
        bench.ask("bot-7", "hello", 10).await.unwrap(),
        json!({ "result": "hello" })
    );
    assert_eq!(runtime.log_tail("bot-7", 5).await.unwrap(), ["listening"]);
    assert_eq!(runtime.list().await.unwrap(), ["bot-7"]);
    for _ in 0..2 {
        runtime.remove("bot-7").await.unwrap();
    }
    assert!(runtime.list().await.unwrap().is_empty());
    assert!(!bench.root.path().join("data/runtimes/bot-7").exists());
    assert_eq!(
        bench.ask("bot-7", "hello", 1).await.unwrap_err(),
        PortErrorKind::NotFound
    );
    assert_eq!(
        runtime.revive("bot-7").await.unwrap_err().kind,
        PortErrorKind::NotFound
    );
}

#[tokio::test]
async fn the_local_runtime_keeps_the_contract() {
    let bench = Bench::new().await;
    let order = bench.order("bot-9");
    control_plane::testing::contract::runtime(bench.runtime().as_ref(), order).await;
}

#[tokio::test]
async fn an_agent_gets_its_settings_its_secrets_and_its_key_and_nothing_else() {
    let bench = Bench::new().await;
    let order = IdentityOrder {
        client_id: "bot-7".to_owned(),
        display_name: "Bot".to_owned(),
        environment: domain::environment::Environment::Production,
        scopes: Vec::new(),
    };
    let identity = bench
        .ports
        .identity_provider
        .provision(&order)
        .await
        .unwrap();
    let kept = bench
        .ports
        .secrets
        .keep("crm-token", &SecretString::from("hunter2"))
        .await
        .unwrap();
    let mut order = bench.order("bot-7");
    order.secrets.insert("CRM_TOKEN".to_owned(), kept);
    order.private_key_reference = identity.private_key_reference;
    bench.runtime().start(order).await.unwrap();
    bench.until("bot-7", &[RuntimeHealth::Healthy]).await;
    let seen = bench.ask("bot-7", "environment", 10).await.unwrap();
    assert_eq!(
        (
            seen["setting"].as_str(),
            seen["secret"].as_str(),
            seen["key"].as_str()
        ),
        (Some("test"), Some("hunter2"), Some("OKP"))
    );
    let names: Vec<&str> = seen["names"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        !names.iter().any(|name| name.starts_with("CARGO")),
        "{names:?}"
    );
}

#[tokio::test]
async fn bad_answers_are_told_apart() {
    let bench = Bench::new().await;
    bench.runtime().start(bench.order("bot-7")).await.unwrap();
    bench.until("bot-7", &[RuntimeHealth::Healthy]).await;
    for prompt in ["garbage", "endless", "binary"] {
        assert_eq!(
            bench.ask("bot-7", prompt, 30).await.unwrap_err(),
            PortErrorKind::Protocol,
            "{prompt}"
        );
    }
    let slow = bench
        .runtime()
        .invoke("bot-7", &json!({ "prompt": "hang" }), 1)
        .await
        .unwrap_err();
    assert_eq!(slow.kind, PortErrorKind::Unavailable);
    assert_eq!(slow.message, "The agent did not answer within 1 s.");
}

#[tokio::test]
async fn an_agent_that_ends_at_once_is_not_well_and_says_why() {
    let bench = Bench::new().await;
    let mut order = bench.order("bot-7");
    order.entrypoint = "missing.py".to_owned();
    bench.runtime().start(order).await.unwrap();
    bench
        .until("bot-7", &[RuntimeHealth::Unhealthy, RuntimeHealth::Stopped])
        .await;
    let lines = bench.runtime().log_tail("bot-7", 20).await.unwrap();
    assert!(
        lines.iter().any(|line| line.contains("missing.py")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn what_cannot_run_is_refused_and_leaves_nothing() {
    let bench = Bench::new().await;
    let kept = bench
        .ports
        .secrets
        .keep("git-host", &SecretString::from("token"))
        .await
        .unwrap();
    let refused = [
        RuntimeOrder {
            entrypoint: "../../etc/passwd".to_owned(),
            ..bench.order("a")
        },
        RuntimeOrder {
            environment: BTreeMap::from([("PORT".to_owned(), "80".to_owned())]),
            ..bench.order("b")
        },
        RuntimeOrder {
            secrets: BTreeMap::from([("X".to_owned(), kept)]),
            ..bench.order("c")
        },
        RuntimeOrder {
            secrets: BTreeMap::from([("X".to_owned(), "env:CLEARANCE_DATABASE_URL".to_owned())]),
            ..bench.order("d")
        },
        RuntimeOrder {
            memory_mb: 0,
            ..bench.order("e")
        },
        bench.order("../escape"),
        RuntimeOrder {
            image_digest: "latest".to_owned(),
            ..bench.order("f")
        },
    ];
    for order in refused {
        let name = order.name.clone();
        assert_eq!(
            bench.runtime().start(order).await.unwrap_err().kind,
            PortErrorKind::Rejected,
            "{name}"
        );
    }
    let gone = RuntimeOrder {
        image_digest: format!("sha256:{}", "0".repeat(64)),
        ..bench.order("g")
    };
    assert_eq!(
        bench.runtime().start(gone).await.unwrap_err().kind,
        PortErrorKind::NotFound
    );
    for name in bench.runtime().list().await.unwrap() {
        bench.runtime().remove(&name).await.unwrap();
    }
    assert!(bench.runtime().list().await.unwrap().is_empty());
}
