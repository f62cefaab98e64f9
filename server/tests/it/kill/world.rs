//! The world around the server that is killed: its folder, its process, the git repositories, and the people. People act
//! over HTTP, so that their acts are cut off too; the outcome is read from the folder by the use cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use control_plane::{
    ControlPlane, OpCtx, agents, approvals, connections, deployments, people, tokens,
};
use domain::actor::Actor;
use domain::delivery::{DeliveryState, PushState};
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::form::agent::OnboardForm;
use domain::form::connection::ConnectionForm;
use domain::form::person::{PersonForm, SignInForm, TeamForm, TokenForm};
use domain::form::query::DeploymentQuery;
use domain::ledger::ResourceKind;
use domain::view::deployment::{DeploymentDetail, DeploymentRow};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use server::config::{Config, Overrides};
use sha2::Sha256;

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

struct Repository {
    agent: String,
    path: PathBuf,
    head: String,
    commits: u32,
}

/// A running agent, as its runtime's folder tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Agent {
    pid: i64,
    started: i64,
    port: i64,
}

/// What there is, by kind.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) runtimes: BTreeSet<String>,
    pub(super) identities: BTreeSet<String>,
    pub(super) images: BTreeSet<String>,
}

impl Names {
    /// A thing that a ledger says is there. Runtimes and identities belong to live deployments only.
    pub(super) fn add(&mut self, kind: ResourceKind, name: String, live: bool) {
        match kind {
            ResourceKind::Image => self.images.insert(name),
            ResourceKind::Runtime => {
                assert!(live, "{name} is there, and its deployment is not live");
                self.runtimes.insert(name)
            }
            ResourceKind::Identity => {
                assert!(live, "{name} is there, and its deployment is not live");
                self.identities.insert(name)
            }
        };
    }
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

    /// Commits the agent with an overlay and delivers the push, signed.
    pub(super) async fn push(&mut self, agent: usize, overlay: &str) {
        let (path, secret) = self.webhook.clone();
        let url = self.url(&path);
        let repository = &mut self.repositories[agent];
        let before = std::mem::take(&mut repository.head);
        repository.commit(overlay);
        let body = json!({ "ref": "refs/heads/main", "before": before, "after": repository.head,
            "repository": { "clone_url": repository.path }, "pusher": { "name": "Dev Team" } });
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let request = self
            .client
            .post(url)
            .header("x-github-event", "push")
            .header("x-github-delivery", &repository.head);
        let answer = request
            .header("x-hub-signature-256", signature)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 202);
    }

    /// Approves what waits, as the page's form does.
    pub(super) async fn approve_all(&self) {
        for row in self.deployments().await {
            if row.state != DeploymentState::AwaitingApproval {
                continue;
            }
            // It may be withdrawn between the two looks.
            let Ok(page) = approvals::get(&self.cp, &self.approver, row.number).await else {
                continue;
            };
            let form = [
                ("form[number]", row.number.to_string()),
                ("form[verdict]", "approve".to_owned()),
                ("form[manifest_digest]", page.manifest_digest),
                ("form[accepted_scopes]", page.diff.added_scopes.join(" ")),
            ];
            let request = self
                .client
                .post(self.url("/rpc/approvals/decide"))
                .header("origin", self.url(""))
                .header("cookie", &self.cookie);
            drop(request.form(&form).send().await.unwrap());
        }
    }

    /// Goes back from what the agent has live in production, if the server lets.
    pub(super) async fn roll_back(&self, agent: usize) {
        let of_agent = self.of(agent).await;
        let live = of_agent.iter().find(|row| {
            row.environment == Environment::Production && row.state == DeploymentState::Live
        });
        if let Some(row) = live {
            self.command(row.number, "rollback").await;
        }
    }

    /// Cancels the newest deployment of the agent that is on its way.
    pub(super) async fn cancel(&self, agent: usize) {
        if let Some(row) = self
            .of(agent)
            .await
            .iter()
            .find(|row| row.state.in_progress())
        {
            self.command(row.number, "cancel").await;
        }
    }

    async fn command(&self, number: i64, what: &str) {
        let body = json!({ "reason": "The test wants to see what becomes of it." }).to_string();
        let request = self
            .client
            .post(self.url(&format!("/api/v1/deployments/{number}/{what}")))
            .bearer_auth(&self.token);
        let answer = request
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        assert!(
            matches!(status, 202 | 409),
            "{what} of #{number} was answered {status}: {}",
            answer.text().await.unwrap()
        );
    }

    async fn of(&self, agent: usize) -> Vec<DeploymentRow> {
        let name = &self.repositories[agent].agent;
        self.deployments()
            .await
            .into_iter()
            .filter(|row| row.agent == *name)
            .collect()
    }

    /// Every deployment, newest first.
    pub(super) async fn deployments(&self) -> Vec<DeploymentRow> {
        let (mut all, mut query) = (
            Vec::new(),
            DeploymentQuery {
                limit: Some(200),
                ..DeploymentQuery::default()
            },
        );
        loop {
            let page = deployments::list(&self.cp, &self.admin, &query)
                .await
                .unwrap();
            all.extend(page.rows);
            match page.next {
                Some(next) => query.cursor = next,
                None => return all,
            }
        }
    }

    pub(super) async fn deployment(&self, number: i64) -> DeploymentDetail {
        deployments::get(&self.cp, &self.admin, number, None, None)
            .await
            .unwrap()
    }

    /// Is a delivery or a push still to be read?
    pub(super) async fn anything_to_ingest(&self) -> bool {
        let deliveries = connections::deliveries(&self.cp, &self.admin, "")
            .await
            .unwrap();
        let waits = |state| matches!(state, DeliveryState::Received | DeliveryState::Processing);
        if deliveries.rows.iter().any(|row| waits(row.state)) {
            return true;
        }
        for repository in &self.repositories {
            let agent = agents::get(&self.cp, &self.admin, &repository.agent)
                .await
                .unwrap();
            if agent
                .pushes
                .iter()
                .any(|push| push.state == PushState::Received)
            {
                return true;
            }
        }
        false
    }

    /// The agents of live deployments, by the name of their runtime. Every one must be there.
    pub(super) async fn live_agents(&self) -> BTreeMap<String, Agent> {
        let live = self
            .deployments()
            .await
            .into_iter()
            .filter(|row| row.state == DeploymentState::Live);
        live.map(|row| {
            let name = format!("clearance-{}", row.number);
            let agent = Agent::of(&self.data().join("runtimes").join(&name))
                .unwrap_or_else(|| panic!("{name} is live and has no process"));
            (name, agent)
        })
        .collect()
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

    /// What the providers list.
    pub(super) async fn listed(&self) -> Names {
        let ports = self.cp.ports();
        Names {
            runtimes: ports.runtime.list().await.unwrap().into_iter().collect(),
            identities: ports
                .identity_provider
                .list()
                .await
                .unwrap()
                .into_iter()
                .collect(),
            images: ports
                .image_builder
                .list()
                .await
                .unwrap()
                .into_iter()
                .collect(),
        }
    }

    /// Folders of runtimes on the disk; what begins with a dot is the runtime crate's own.
    pub(super) fn runtime_folders(&self) -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(self.data().join("runtimes")) else {
            return BTreeSet::new();
        };
        let names = entries
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect()
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

fn state(folder: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(folder.join("state.json")).ok()?).ok()
}

impl Agent {
    fn of(folder: &Path) -> Option<Self> {
        let state = state(folder)?;
        let number = |at: &str| state.pointer(at).and_then(Value::as_i64);
        Some(Self {
            pid: number("/agent/pid")?,
            started: number("/agent/started")?,
            port: number("/port")?,
        })
    }

    /// Does it answer on its port?
    pub(super) async fn answers(&self) -> bool {
        reqwest::get(format!("http://127.0.0.1:{}/ping", self.port))
            .await
            .is_ok_and(|answer| answer.status().is_success())
    }
}

impl Repository {
    fn new(folder: &Path, agent: &str) -> Self {
        let path = folder.join("repositories").join(agent);
        fs::create_dir_all(&path).unwrap();
        let repository = Self {
            agent: agent.to_owned(),
            path,
            head: "0".repeat(40),
            commits: 0,
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// Commits the refund assistant under this agent's name, with an overlay's files over its own.
    fn commit(&mut self, overlay: &str) {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        copy(&examples.join("refund-assistant"), &self.path);
        if !overlay.is_empty() {
            copy(&examples.join("overlays").join(overlay), &self.path);
        }
        let manifest = self.path.join("clearance.yaml");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(
            &manifest,
            text.replace("agent: refund-assistant", &format!("agent: {}", self.agent)),
        )
        .unwrap();
        self.commits += 1;
        // Every push changes something, so every push is a version.
        fs::write(
            self.path.join("CHANGES.md"),
            format!("Change {}\n", self.commits),
        )
        .unwrap();
        self.git(&["add", "--all"]);
        self.git(&[
            "commit",
            "--quiet",
            "--message",
            &format!("Change {}", self.commits),
        ]);
        self.head = self.git(&["rev-parse", "HEAD"]);
    }

    fn git(&self, arguments: &[&str]) -> String {
        let who = [
            ("GIT_AUTHOR_NAME", "Dev Team"),
            ("GIT_AUTHOR_EMAIL", "dev@example.com"),
            ("GIT_COMMITTER_NAME", "Dev Team"),
            ("GIT_COMMITTER_EMAIL", "dev@example.com"),
        ];
        let alone = [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ];
        let ended = Command::new("git")
            .arg("-C")
            .arg(&self.path)
            .args(arguments)
            .envs(who)
            .envs(alone)
            .output()
            .unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == "__pycache__" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
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
