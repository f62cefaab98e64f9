//! A git repository of a team: the refund assistant under another name, and one commit after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) struct Repository {
    pub(super) agent: String,
    pub(super) path: PathBuf,
    pub(super) head: String,
    pub(super) commits: u32,
}

impl Repository {
    pub(super) fn new(folder: &Path, agent: &str) -> Self {
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
    pub(super) fn commit(&mut self, overlay: &str) {
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
