//! The world around the server that is killed: its folder, its process, the git repositories, and the people. People act
//! over HTTP, so that their acts are cut off too; the outcome is read from the folder by the use cases.

mod acts;
mod agent;
mod reading;
mod repository;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use control_plane::{ControlPlane, OpCtx, agents, connections, people, tokens};
use domain::actor::Actor;
use domain::form::agent::OnboardForm;
use domain::form::connection::ConnectionForm;
use domain::form::person::{PersonForm, SignInForm, TeamForm, TokenForm};
use serde_json::Value;
use server::config::{Config, Overrides};

use self::agent::{Agent, state};
pub(super) use self::reading::Names;
use self::repository::Repository;

const PASSWORD: &str = "correct horse battery";
const BINARY: &str = env!("CARGO_BIN_EXE_clearance");
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Everything.
pub(super) struct World {
    folder: tempfile::TempDir,
    addr: SocketAddr,
    cp: ControlPlane,
    admin: OpCtx,
    approver: OpCtx,
    client: reqwest::Client,
    cookie: String,
    token: String,
    webhook: (String, String),
    repositories: Vec<Repository>,
    server: Option<Child>,
    seen: BTreeMap<String, Agent>,
}

impl World {
    /// A folder with people, a connection and an agent for each name. No server runs yet.
    pub(super) async fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let addr = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let data = folder.path().join("data");
        let overrides = Overrides {
            data_dir: Some(data),
            addr: Some(addr),
            ..Overrides::default()
        };
        let config = Config::from_parts(&overrides, Vec::new()).unwrap();
        let cp = server::wiring::open(&config).await.unwrap().cp;
        let nobody = OpCtx::new(Actor::Anonymous, "test", cp.clock());
        people::set_up(&cp, &nobody, &person("admin", "administrator"))
            .await
            .unwrap();
        let admin = signed_in(&cp, &nobody, "admin").await;
        people::add(&cp, &admin, &person("approver", "approver"))
            .await
            .unwrap();
        let approver = signed_in(&cp, &nobody, "approver").await;
        people::create_team(
            &cp,
            &admin,
            &TeamForm {
                slug: "care".into(),
                name: "Care".into(),
            },
        )
        .await
        .unwrap();
        let form = ConnectionForm {
            slug: "git".into(),
            name: "Git".into(),
            kind: "github".into(),
            secret_reference: String::new(),
        };
        let made = connections::create(&cp, &admin, &form).await.unwrap();
        let form = TokenForm {
            name: "test".into(),
            scopes: "read write".into(),
            days: "1".into(),
        };
        let token = tokens::create(&cp, &admin, &form).await.unwrap().text;
        let mut repositories = Vec::new();
        for name in names {
            let repository = Repository::new(folder.path(), name);
            let form = OnboardForm {
                slug: (*name).to_owned(),
                team: "care".into(),
                connection: "git".into(),
                repository: repository.path.display().to_string(),
                branch: "main".into(),
                path: String::new(),
            };
            agents::onboard(&cp, &admin, &form).await.unwrap();
            repositories.push(repository);
        }
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let webhook = (made.connection.webhook_path, made.secret.unwrap());
        Self {
            folder,
            addr,
            cp,
            admin,
            approver,
            client,
            cookie: String::new(),
            token,
            webhook,
            repositories,
            server: None,
            seen: BTreeMap::new(),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// Starts the server and waits until it answers.
    pub(super) async fn start(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("server.log"))
            .unwrap();
        let child = Command::new(BINARY)
            .arg("serve")
            .arg("--addr")
            .arg(self.addr.to_string())
            .arg("--data-dir")
            .arg(self.data())
            .env("CLEARANCE_POLL_SECONDS", "5")
            .env("CLEARANCE_ADVISORIES_SAMPLE", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(child);
        let begun = Instant::now();
        while !self
            .client
            .get(self.url("/health/ready"))
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            assert!(
                begun.elapsed() < READY_WITHIN,
                "the server does not answer:\n{}",
                self.log_tail()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if self.cookie.is_empty() {
            self.cookie = self.sign_in().await;
        }
    }

    /// Ends the server as a power cut would.
    pub(super) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    pub(super) fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default();
        let from = text.len().saturating_sub(6_000);
        text.get(from..).unwrap_or_default().to_owned()
    }

    async fn sign_in(&self) -> String {
        let form = [("email", "approver@example.com"), ("password", PASSWORD)];
        let answer = self
            .client
            .post(self.url("/sign-in"))
            .header("origin", self.url(""))
            .form(&form)
            .send()
            .await
            .unwrap();
        let cookie = answer
            .headers()
            .get("set-cookie")
            .expect("signed in")
            .to_str()
            .unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Compares with what was seen before: an agent that was live keeps its process.
    pub(super) fn remember(&mut self, live: BTreeMap<String, Agent>) {
        for (name, agent) in live {
            let before = self
                .seen
                .entry(name.clone())
                .or_insert_with(|| agent.clone());
            assert_eq!(
                *before, agent,
                "{name} was restarted by a start of the server"
            );
        }
    }

    pub(super) async fn assert_same_agents(&mut self) {
        let live = self.live_agents().await;
        self.remember(live);
    }

    /// Exports the log with the program and verifies it with the program.
    pub(super) fn verify_audit_log(&self) {
        let (export, key) = (
            self.folder.path().join("export"),
            self.folder.path().join("log.vkey"),
        );
        let run = |arguments: &[&Path]| {
            let mut command = Command::new(BINARY);
            let ended = command
                .arg("audit")
                .args(arguments)
                .arg("--data-dir")
                .arg(self.data())
                .output()
                .unwrap();
            assert!(
                ended.status.success(),
                "{}\n{}",
                String::from_utf8_lossy(&ended.stdout),
                String::from_utf8_lossy(&ended.stderr)
            );
        };
        run(&[Path::new("export"), &export, Path::new("--with-key"), &key]);
        run(&[Path::new("verify"), &export, Path::new("--key"), &key]);
    }

    /// Ends the agents.
    pub(super) async fn end(self) {
        for name in self.cp.ports().runtime.list().await.unwrap() {
            self.cp.ports().runtime.remove(&name).await.unwrap();
        }
    }
}

/// A test that fails must not leave agents behind either.
impl Drop for World {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            drop(server.kill());
            drop(server.wait());
        }
        let Ok(entries) = fs::read_dir(self.data().join("runtimes")) else {
            return;
        };
        for entry in entries.flatten() {
            let Some(state) = state(&entry.path()) else {
                continue;
            };
            let pid = state
                .pointer("/supervisor/pid")
                .and_then(Value::as_i64)
                .and_then(|pid| i32::try_from(pid).ok());
            let ours = |pid: i32| {
                fs::read_to_string(format!("/proc/{pid}/cmdline"))
                    .is_ok_and(|line| line.contains(&*entry.path().to_string_lossy()))
            };
            if let Some(pid) = pid
                .filter(|pid| ours(*pid))
                .and_then(rustix::process::Pid::from_raw)
            {
                // Gone already is what is wanted.
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }
}

fn person(name: &str, role: &str) -> PersonForm {
    PersonForm {
        name: name.into(),
        email: format!("{name}@example.com"),
        password: PASSWORD.into(),
        role: role.into(),
        team: String::new(),
    }
}

async fn signed_in(cp: &ControlPlane, nobody: &OpCtx, name: &str) -> OpCtx {
    let form = SignInForm {
        email: format!("{name}@example.com"),
        password: PASSWORD.into(),
        next: String::new(),
    };
    let id = people::sign_in(cp, nobody, &form).await.unwrap();
    nobody.acting_as(people::actor(cp, id).await.unwrap().unwrap())
}
