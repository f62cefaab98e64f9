//! A repository made on the fly, and the adapters of a fresh data folder to read it with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use control_plane::ports::PortError;
use control_plane::ports::git_host::{Commit, GitHost, Repository};
use domain::connection::ConnectionKind;
use server::adapters::{AdaptersConfig, ports};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) struct Bench {
    /// `origin` is the repository, `data` the data folder, `out` free for checkouts.
    pub(crate) root: TempDir,
    pub(crate) git: Arc<dyn GitHost>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut AdaptersConfig)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut config = AdaptersConfig::new(root.path().join("data"));
        config.allow_local_repositories = true;
        change(&mut config);
        let git = ports(config).unwrap().git_host;
        std::fs::create_dir(root.path().join("origin")).unwrap();
        let bench = Self { root, git };
        bench.run(&["init", "--quiet", "--initial-branch=main"]);
        bench
    }

    pub(crate) fn origin(&self) -> PathBuf {
        self.root.path().join("origin")
    }

    pub(crate) fn repository(&self) -> Repository {
        let url = format!("file://{}", self.origin().display());
        Repository {
            url,
            kind: ConnectionKind::GitHub,
        }
    }

    /// A file that hostile content tries to make.
    pub(crate) fn marker(&self) -> PathBuf {
        self.root.path().join("marker")
    }

    pub(crate) fn out(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) async fn check_out(&self, commit: &str, name: &str) -> Result<Commit, PortError> {
        self.git
            .check_out(&self.repository(), commit, &self.out(name))
            .await
    }

    /// Runs git in the origin and gives what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn try_run(&self, arguments: &[&str]) -> Output {
        command(&self.origin()).args(arguments).output().unwrap()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let full = self.origin().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, content).unwrap();
    }

    /// Commits everything as `author` and gives the id.
    pub(crate) fn commit(&self, subject: &str, author: &str) -> String {
        self.run(&["add", "--all"]);
        let who = format!("user.email={author}@example.com");
        let name = format!("user.name={author}");
        self.run(&[
            "-c",
            &who,
            "-c",
            &name,
            "commit",
            "--quiet",
            "--allow-empty",
            "--message",
            subject,
        ]);
        self.run(&["rev-parse", "HEAD"])
    }
}

/// Runs git in a folder and gives what it prints.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Git without the settings of whoever runs the tests.
fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .args([
            "-c",
            "user.name=someone",
            "-c",
            "user.email=someone@example.com",
            "-c",
            "commit.gpgSign=false",
            "-c",
            "core.autocrlf=false",
        ]);
    command
}
