//! The demo's git repositories: bare ones in the data folder, made from the example agents that this program carries.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result};
use domain::agent::MANIFEST_FILE;
use domain::environment::Environment;
use rust_embed::RustEmbed;
use tokio::process::Command;

use super::desk::Desk;

const AUTHOR: (&str, &str) = ("Dev Team", "developer@example.com");
const NOWHERE: &str = "0000000000000000000000000000000000000000";

#[derive(RustEmbed)]
#[folder = "../examples"]
struct Examples;

/// One repository.
#[derive(Debug)]
pub(super) struct Repository {
    path: PathBuf,
    agent: &'static str,
    /// Where its agent finds the orders desk, if there is one.
    desk: Option<Desk>,
}

/// One commit of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: String,
    /// The one before; zeros for the first.
    pub(super) before: String,
    pub(super) subject: String,
}

impl Repository {
    /// The repository of an agent, made if it is not there.
    pub(super) async fn open(
        folder: &Path,
        agent: &'static str,
        desk: Option<Desk>,
    ) -> Result<Self> {
        let path = folder.join(format!("{agent}.git"));
        let repository = Self { path, agent, desk };
        if !repository.path.join("HEAD").exists() {
            std::fs::create_dir_all(&repository.path)
                .with_context(|| format!("{} cannot be made", repository.path.display()))?;
            repository
                .git(
                    None,
                    &["init", "--quiet", "--bare", "--initial-branch=main"],
                )
                .await?;
        }
        Ok(repository)
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        self.path.display().to_string()
    }

    /// Commits the agent's files with those of an overlay over them, unless a commit with this subject is there.
    pub(super) async fn commit(&self, subject: &str, overlay: Option<&str>) -> Result<Commit> {
        if let Some(there) = self.find(subject).await? {
            return Ok(there);
        }
        let tree = tempfile::tempdir().context("no temporary folder")?;
        write_files(self.agent, tree.path())?;
        if let Some(overlay) = overlay {
            write_files(&format!("overlays/{overlay}"), tree.path())?;
        }
        if let Some(desk) = &self.desk {
            bind(desk, &tree.path().join(MANIFEST_FILE))?;
        }
        self.git(Some(tree.path()), &["add", "--all", "--force", "."])
            .await?;
        self.git(
            Some(tree.path()),
            &["commit", "--quiet", "--message", subject],
        )
        .await?;
        self.find(subject).await?.context("git made no commit")
    }

    async fn find(&self, subject: &str) -> Result<Option<Commit>> {
        // A repository without commits has no branch to list.
        let listed = self
            .git(None, &["log", "--format=%H%x09%P%x09%s", "main", "--"])
            .await
            .unwrap_or_default();
        let row = listed
            .lines()
            .map(|line| line.splitn(3, '\t').collect::<Vec<_>>())
            .find(|row| row.get(2) == Some(&subject));
        Ok(row.and_then(|row| match row.as_slice() {
            [id, before, subject] => Some(Commit {
                id: (*id).to_owned(),
                before: if before.is_empty() {
                    NOWHERE.to_owned()
                } else {
                    (*before).to_owned()
                },
                subject: (*subject).to_owned(),
            }),
            _ => None,
        }))
    }

    /// Runs git on the repository, with none of the user's settings.
    async fn git(&self, tree: Option<&Path>, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.path);
        if let Some(tree) = tree {
            command.arg("--work-tree").arg(tree).current_dir(tree);
        }
        let settings = [
            "core.hooksPath=/dev/null",
            "commit.gpgSign=false",
            "gc.auto=0",
            "core.autocrlf=false",
        ];
        for setting in settings {
            command.args(["-c", setting]);
        }
        let (name, email) = AUTHOR;
        let variables = [
            ("GIT_AUTHOR_NAME", name),
            ("GIT_AUTHOR_EMAIL", email),
            ("GIT_COMMITTER_NAME", name),
            ("GIT_COMMITTER_EMAIL", email),
        ];
        command
            .args(arguments)
            .envs(variables)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(variable);
        }
        let ended = command
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("git does not start; install git")?;
        let complaint = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
        anyhow::ensure!(
            ended.status.success(),
            "git {} failed: {complaint}",
            arguments.first().copied().unwrap_or_default()
        );
        String::from_utf8(ended.stdout).context("git printed something that is no text")
    }
}

/// Says in the manifest where the desk is; an agent that reads no orders has no place for it.
fn bind(desk: &Desk, manifest: &Path) -> Result<()> {
    let mut text = std::fs::read_to_string(manifest)?;
    for environment in Environment::ALL {
        let start = format!("    {environment}: {{ORDERS_URL:");
        let address = desk.address(*environment);
        let bound = format!("    {environment}: {{ORDERS_DESK: \"{address}\", ORDERS_URL:");
        text = text.replace(&start, &bound);
    }
    std::fs::write(manifest, text).context("the manifest cannot be written")
}

/// Writes the files of a folder of the examples.
pub(super) fn write_files(folder: &str, into: &Path) -> Result<()> {
    let prefix = format!("{folder}/");
    let mut any = false;
    for name in Examples::iter() {
        let Some(inner) = name
            .strip_prefix(&prefix)
            .filter(|inner| !inner.contains("__pycache__"))
        else {
            continue;
        };
        let file =
            Examples::get(&name).with_context(|| format!("the example file {name} is missing"))?;
        let path = into.join(inner);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, &file.data)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        any = true;
    }
    anyhow::ensure!(any, "this program carries no example {folder}");
    Ok(())
}

/// The text of an example's file.
pub(super) fn example(path: &str) -> Option<String> {
    String::from_utf8(Examples::get(path)?.data.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_is_made_once_and_an_overlay_follows() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::open(folder.path(), "refund-assistant", None)
            .await
            .unwrap();
        let first = repository.commit("Add the agent", None).await.unwrap();
        assert_eq!(first.before, NOWHERE);
        assert_eq!(
            repository.commit("Add the agent", None).await.unwrap(),
            first
        );
        let second = repository
            .commit("Change it", Some("refund-assistant-next"))
            .await
            .unwrap();
        assert_eq!(second.before, first.id);
        let again = Repository::open(folder.path(), "refund-assistant", None)
            .await
            .unwrap();
        assert_eq!(again.find("Change it").await.unwrap(), Some(second));
    }

    #[tokio::test]
    async fn an_unknown_example_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::open(folder.path(), "nobody", None)
            .await
            .unwrap();
        assert!(repository.commit("Add the agent", None).await.is_err());
    }
}
