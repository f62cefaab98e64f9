//! What a measure needs around the server: a session, a team, a connection, repositories with agents, and pushes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::http::{Answer, Client};
use super::server::{ADMIN, PASSWORD, Program};
use crate::proc::Cmd;
use crate::tools::{root, write};

/// The example in plain Python: it needs no packages, so its build does not depend on the network.
const EXAMPLE: &str = "refund-assistant";
const PATIENCE: Duration = Duration::from_secs(300);
/// About what a git host says of a push beside the fields that matter.
const FILLER: usize = 8_000;

/// Everything around the server.
#[derive(Debug)]
pub(super) struct World {
    pub(super) client: Client,
    /// The session's cookie.
    pub(super) cookie: String,
    /// The value of the header that carries the API token.
    pub(super) bearer: String,
    folder: PathBuf,
    webhook: String,
    secret: String,
    agents: usize,
    deliveries: usize,
}

/// A git repository in a folder, with the commit its branch is at.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) path: PathBuf,
    pub(super) head: String,
}

impl World {
    /// Signs in and makes a team and a connection.
    pub(super) fn new(program: &Program, folder: &Path) -> Result<Self> {
        let mut world = Self {
            client: Client::new(program.addr),
            cookie: String::new(),
            bearer: format!("Bearer {}", program.token),
            folder: folder.to_owned(),
            webhook: String::new(),
            secret: String::new(),
            agents: 0,
            deliveries: 0,
        };
        world.connect(program)?;
        world
            .form("/rpc/teams/create", "form[slug]=care&form[name]=Care")?
            .expect(200, "a team")?;
        let connection =
            json!({ "slug": "git", "name": "Git", "kind": "github", "secret_reference": "" });
        let made = world.post_as_person("/api/v1/connections", &connection)?;
        let made = made.expect(201, "a connection")?.json()?;
        let text = |pointer: &str| {
            let found = made.pointer(pointer).and_then(Value::as_str);
            found
                .map(str::to_owned)
                .with_context(|| format!("no {pointer} in the connection"))
        };
        world.webhook = text("/connection/webhook_path")?;
        world.secret = text("/secret")?;
        Ok(world)
    }

    /// A new connection to the server, and a new session of the administrator.
    pub(super) fn connect(&mut self, program: &Program) -> Result<()> {
        self.client = Client::new(program.addr);
        self.sign_in(ADMIN)
    }

    /// A new session of this person, in place of the one before.
    pub(super) fn sign_in(&mut self, email: &str) -> Result<()> {
        let (email, password) = (email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
        let form = format!("email={email}&password={password}");
        let answer = self.form("/sign-in", &form)?;
        let cookie = answer.header("set-cookie").context("not signed in")?;
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(())
    }

    fn form(&mut self, path: &str, body: &str) -> Result<Answer> {
        let origin = self.client.origin();
        let headers = [
            ("origin", origin.as_str()),
            ("cookie", &self.cookie),
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.client.send("POST", path, &headers, body.as_bytes())
    }

    pub(super) fn post_as_person(&mut self, path: &str, body: &Value) -> Result<Answer> {
        let origin = self.client.origin();
        let headers = [
            ("origin", origin.as_str()),
            ("cookie", &self.cookie),
            ("content-type", "application/json"),
        ];
        let body = body.to_string();
        self.client.send("POST", path, &headers, body.as_bytes())
    }

    /// Reads from the API.
    pub(super) fn api(&mut self, path: &str) -> Result<Value> {
        let headers = [("authorization", self.bearer.as_str())];
        self.client.get(path, &headers)?.expect(200, path)?.json()
    }

    /// Onboards one agent over the API.
    pub(super) fn onboard(&mut self, slug: &str, repository: &Path, path: &str) -> Result<()> {
        let form = json!({
            "slug": slug, "team": "care", "connection": "git", "branch": "main",
            "repository": repository.to_string_lossy(), "path": path,
        });
        let headers = [
            ("authorization", self.bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let body = form.to_string();
        let answer = self
            .client
            .send("POST", "/api/v1/agents", &headers, body.as_bytes())?;
        answer.expect(201, "an agent")?;
        self.agents += 1;
        Ok(())
    }

    /// Onboards agents, each a folder of one repository where nothing was pushed yet, until there are so many.
    pub(super) fn fill(&mut self, agents: usize) -> Result<()> {
        let repository = Repository::new(&self.folder, "registry")?;
        for number in self.agents..agents {
            let slug = format!("agent-{number:04}");
            self.onboard(&slug, &repository.path, &format!("agents/{slug}"))?;
        }
        Ok(())
    }

    /// A repository of some agents, each the example in a folder of its own; nothing is committed yet.
    pub(super) fn repository(&mut self, name: &str, agents: &[String]) -> Result<Repository> {
        let repository = Repository::new(&self.folder, name)?;
        for slug in agents {
            let folder = repository.path.join(slug);
            copy(&root().join("examples").join(EXAMPLE), &folder)?;
            let manifest = folder.join("clearance.yaml");
            let text = fs::read_to_string(&manifest)?;
            let from = format!("agent: {EXAMPLE}");
            write(&manifest, text.replace(&from, &format!("agent: {slug}")))?;
            self.onboard(slug, &repository.path, slug)?;
        }
        Ok(repository)
    }

    /// Delivers what a git host says of a push, signed, under an id of its own.
    pub(super) fn deliver(&mut self, repository: &Repository, before: &str) -> Result<Answer> {
        self.deliveries += 1;
        let body = json!({
            "ref": "refs/heads/main", "before": before, "after": repository.head,
            "repository": { "clone_url": repository.path.to_string_lossy(), "default_branch": "main" },
            "pusher": { "name": "Dev Team", "email": "developer@example.com" },
            "head_commit": { "id": repository.head, "message": "x".repeat(FILLER) },
        });
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())?;
        mac.update(body.as_bytes());
        let digest = mac.finalize().into_bytes();
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let (signature, id) = (
            format!("sha256={digest}"),
            format!("bench-{}", self.deliveries),
        );
        let headers = [
            ("content-type", "application/json"),
            ("x-github-event", "push"),
            ("x-github-delivery", id.as_str()),
            ("x-hub-signature-256", signature.as_str()),
        ];
        let path = self.webhook.clone();
        let answer = self.client.send("POST", &path, &headers, body.as_bytes())?;
        answer.expect(202, "a delivery")
    }

    /// Waits until everything that was delivered is worked on, so that the next measure stands alone.
    pub(super) fn settle(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let page = self.api("/api/v1/deliveries")?;
            let rows = page.get("rows").and_then(Value::as_array);
            let state = |row: &Value| row.get("state").and_then(Value::as_str).map(str::to_owned);
            let waits =
                |row: &Value| matches!(state(row).as_deref(), Some("received" | "processing"));
            // They are worked on in the order in which they came, and the newest are listed first.
            if !rows.context("no rows in the deliveries")?.iter().any(waits) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("deliveries wait for more than {} s", PATIENCE.as_secs())
    }

    /// The newest deployments.
    pub(super) fn deployments(&mut self) -> Result<Vec<Value>> {
        let page = self.api("/api/v1/deployments?limit=200")?;
        let rows = page.get("rows").and_then(Value::as_array).cloned();
        rows.context("no rows in the deployments")
    }
}

impl Repository {
    fn new(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join("repositories").join(name);
        fs::create_dir_all(&path)?;
        let repository = Self {
            path,
            head: "0".repeat(40),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        Ok(repository)
    }

    /// Commits a change in these folders; gives the commit that was there before.
    pub(super) fn commit(&mut self, folders: &[String], subject: &str) -> Result<String> {
        for folder in folders {
            write(
                &self.path.join(folder).join("CHANGES.md"),
                format!("{subject}\n"),
            )?;
        }
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", subject])?;
        let head = self.git(&["rev-parse", "HEAD"])?.trim().to_owned();
        Ok(std::mem::replace(&mut self.head, head))
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Cmd::new("git").dir(&self.path).args(arguments);
        for (name, value) in [
            ("GIT_AUTHOR_NAME", "Dev Team"),
            ("GIT_AUTHOR_EMAIL", "developer@example.com"),
            ("GIT_COMMITTER_NAME", "Dev Team"),
            ("GIT_COMMITTER_EMAIL", "developer@example.com"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ] {
            command = command.env(name, value);
        }
        command.output()
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == "__pycache__" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
