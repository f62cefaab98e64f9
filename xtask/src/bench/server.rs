//! The real program on a temporary data folder. Owns its process, and at the end the agents that it started.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::http::Client;
use crate::proc::Cmd;

pub(super) const ADMIN: &str = "admin@example.com";
pub(super) const APPROVER: &str = "approver@example.com";
/// Of an installation that ends with the bench.
pub(super) const PASSWORD: &str = "correct horse battery";
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, its folder and, while it runs, its process.
#[derive(Debug)]
pub(super) struct Program {
    binary: PathBuf,
    data: PathBuf,
    log: PathBuf,
    pub(super) addr: SocketAddr,
    /// An API token of the administrator.
    pub(super) token: String,
    /// One that asks for access decisions.
    pub(super) access: String,
    child: Option<Child>,
}

impl Program {
    /// Sets up a data folder with an administrator and a token.
    pub(super) fn install(binary: &Path, folder: &Path) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let mut program = Self {
            binary: binary.to_owned(),
            data: folder.join("data"),
            log: folder.join("server.log"),
            addr: free.local_addr()?,
            token: String::new(),
            access: String::new(),
            child: None,
        };
        program.ask(&["user", "add", "--email", ADMIN, "--name", "Admin"])?;
        let approver = ["user", "add", "--email", APPROVER, "--name", "Approver"];
        program.ask(&[&approver[..], &["--role", "approver", "--as", ADMIN]].concat())?;
        program.token = program.token_of("read write")?;
        program.access = program.token_of("access")?;
        Ok(program)
    }

    /// An API token of the administrator.
    fn token_of(&self, scopes: &str) -> Result<String> {
        let token = [
            "token", "create", "--as", ADMIN, "--name", scopes, "--scopes", scopes,
        ];
        Ok(self.ask(&token)?.trim().to_owned())
    }

    /// Runs a command of the program to its end.
    fn ask(&self, arguments: &[&str]) -> Result<String> {
        Cmd::new(&self.binary)
            .args(arguments)
            .arg("--data-dir")
            .arg(&self.data)
            .env("CLEARANCE_PASSWORD", PASSWORD)
            .env("CLEARANCE_ADMIN_PASSWORD", PASSWORD)
            .output()
    }

    /// Starts the server and waits until it answers.
    pub(super) fn start(&mut self, more: &[&str]) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.binary)
            .arg("serve")
            .args(more)
            .arg("--addr")
            .arg(self.addr.to_string())
            .arg("--data-dir")
            .arg(&self.data)
            // All ten deployments run at the same time, and only pushes that are delivered do anything.
            .env("CLEARANCE_CONCURRENCY", "10")
            .env("CLEARANCE_POLL_SECONDS", "86400")
            // Versions reach production, so their images are compared with something.
            .env("CLEARANCE_ADVISORIES_SAMPLE", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("the server does not start")?;
        self.child = Some(child);
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let answer = Client::new(self.addr).get("/health/ready", &[]);
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server does not answer:\n{}", self.last_lines())
    }

    /// The end of the server's log, for an error.
    pub(super) fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(10).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Asks the server to end, and waits.
    pub(super) fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        Cmd::new("kill").arg(child.id().to_string()).output()?;
        child.wait().context("the server is gone")?;
        Ok(())
    }

    /// The server's process.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Ends the agents: each has a supervisor that outlives the server, as agents must.
    fn end_agents(&self) {
        let Ok(entries) = fs::read_dir(self.data.join("runtimes")) else {
            return;
        };
        for entry in entries.flatten() {
            let folder = entry.path();
            let state = fs::read(folder.join("state.json")).unwrap_or_default();
            let state: Value = serde_json::from_slice(&state).unwrap_or_default();
            let Some(pid) = state.pointer("/supervisor/pid").and_then(Value::as_i64) else {
                continue;
            };
            // The number may belong to another process by now.
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if line.contains(&*folder.to_string_lossy()) {
                Cmd::new("kill")
                    .arg("-KILL")
                    .arg(pid.to_string())
                    .succeeds();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Gone already is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
        self.end_agents();
    }
}
