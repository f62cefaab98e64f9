//! A git host in memory: commits with their files, branch heads, tags and statuses.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::canonical;

use self::repo::{Repo, missing, name};
use super::{Faults, lock};
use crate::ports::git_host::{
    Commit, CommitStatus, Contributors, GitHost, History, Issue, Repository,
};
use crate::ports::{PortError, PortErrorKind};

mod repo;

/// Path to content.
pub type Files = BTreeMap<String, String>;

/// A commit to make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewCommit {
    pub parent: Option<String>,
    pub files: Files,
    pub subject: String,
    /// E-mail address; the name is what stands before the `@`.
    pub author: String,
    /// E-mail address; the author when empty.
    pub committer: String,
}

/// Repositories by address.
#[derive(Debug)]
pub struct FakeGitHost {
    faults: Arc<Faults>,
    repositories: Mutex<BTreeMap<String, Repo>>,
}

impl FakeGitHost {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            repositories: Mutex::default(),
        }
    }

    /// Makes a commit and answers its id. The repository is made with its first one.
    pub fn commit(&self, url: &str, commit: NewCommit) -> String {
        let commit = NewCommit {
            committer: if commit.committer.is_empty() {
                commit.author.clone()
            } else {
                commit.committer.clone()
            },
            ..commit
        };
        let digest = canonical::digest(format!("{commit:?}").as_bytes());
        let id: String = digest.chars().skip("sha256:".len()).take(40).collect();
        let mut repositories = lock(&self.repositories);
        let repo = repositories.entry(url.to_owned()).or_default();
        repo.commits.insert(id.clone(), commit);
        id
    }

    /// Lets a branch point at a commit, whatever it pointed at before.
    pub fn move_branch(&self, url: &str, branch: &str, commit: &str) {
        let mut repositories = lock(&self.repositories);
        let repo = repositories.entry(url.to_owned()).or_default();
        repo.heads.insert(branch.to_owned(), commit.to_owned());
    }

    /// Deletes a branch.
    pub fn delete_branch(&self, url: &str, branch: &str) {
        if let Some(repo) = lock(&self.repositories).get_mut(url) {
            repo.heads.remove(branch);
        }
    }

    /// Forgets a commit, as a host does after a force push.
    pub fn forget_commit(&self, url: &str, commit: &str) {
        if let Some(repo) = lock(&self.repositories).get_mut(url) {
            repo.commits.remove(commit);
        }
    }

    /// Where a branch points.
    #[must_use]
    pub fn branch(&self, url: &str, branch: &str) -> Option<String> {
        let repositories = lock(&self.repositories);
        repositories.get(url)?.heads.get(branch).cloned()
    }

    /// Tags with the commits they are on.
    #[must_use]
    pub fn tags(&self, url: &str) -> BTreeMap<String, String> {
        let repositories = lock(&self.repositories);
        repositories
            .get(url)
            .map(|repo| repo.tags.clone())
            .unwrap_or_default()
    }

    /// Statuses with the commits they are on, in the order in which they were written.
    #[must_use]
    pub fn statuses(&self, url: &str) -> Vec<(String, CommitStatus)> {
        let repositories = lock(&self.repositories);
        repositories
            .get(url)
            .map(|repo| repo.statuses.clone())
            .unwrap_or_default()
    }

    /// Issues, oldest first, each with the comment that closed it.
    #[must_use]
    pub fn issues(&self, url: &str) -> Vec<(Issue, Option<String>)> {
        let repositories = lock(&self.repositories);
        repositories
            .get(url)
            .map(|repo| repo.issues.clone())
            .unwrap_or_default()
    }

    fn with<T>(
        &self,
        repository: &Repository,
        work: impl FnOnce(&mut Repo) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let mut repositories = lock(&self.repositories);
        let repo = repositories
            .get_mut(&repository.url)
            .ok_or_else(|| missing("repository", &repository.url))?;
        work(repo)
    }
}

/// Writes files below a folder.
pub(super) fn write_files(files: &Files, into: &Path) -> Result<(), PortError> {
    let failed =
        |e: std::io::Error| PortError::new(PortErrorKind::Unavailable, "Disk trouble.").because(e);
    std::fs::create_dir_all(into).map_err(failed)?;
    for (path, content) in files {
        let file = into.join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(file, content).map_err(failed)?;
    }
    Ok(())
}

/// Reads every file below a folder.
pub(super) fn read_files(folder: &Path) -> Result<Files, PortError> {
    let failed = |e: std::io::Error| {
        PortError::new(PortErrorKind::Rejected, "The agent's folder is not whole.").because(e)
    };
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inner = path.strip_prefix(folder).unwrap_or(&path);
            let content = std::fs::read_to_string(&path).map_err(failed)?;
            files.insert(inner.to_string_lossy().into_owned(), content);
        }
    }
    Ok(files)
}

#[async_trait]
impl GitHost for FakeGitHost {
    async fn head(
        &self,
        repository: &Repository,
        branch: &str,
    ) -> Result<Option<String>, PortError> {
        let head = || self.with(repository, |repo| Ok(repo.heads.get(branch).cloned()));
        self.faults.run("git.head", branch, head).await
    }

    async fn check_out(
        &self,
        repository: &Repository,
        commit: &str,
        into: &Path,
    ) -> Result<Commit, PortError> {
        let check_out = || {
            let found = self.with(repository, |repo| repo.get(commit).cloned())?;
            write_files(&found.files, into)?;
            Ok(Commit {
                id: commit.to_owned(),
                subject: found.subject,
                author_name: name(&found.author),
                author_email: found.author,
                committer_name: name(&found.committer),
                committer_email: found.committer,
            })
        };
        self.faults.run("git.check_out", commit, check_out).await
    }

    async fn history(
        &self,
        repository: &Repository,
        from: Option<&str>,
        to: &str,
        path: &str,
        config_paths: &[String],
    ) -> Result<History, PortError> {
        let history = || {
            self.with(repository, |repo| {
                repo.get(to)?;
                Ok(repo.history(from, to, path, config_paths))
            })
        };
        self.faults.run("git.history", to, history).await
    }

    async fn contributors(
        &self,
        repository: &Repository,
        from: Option<&str>,
        to: &str,
        path: &str,
    ) -> Result<Contributors, PortError> {
        let contributors = || {
            self.with(repository, |repo| {
                repo.get(to)?;
                Ok(repo.contributors(from, to, path))
            })
        };
        self.faults.run("git.contributors", to, contributors).await
    }

    async fn write_tag(
        &self,
        repository: &Repository,
        commit: &str,
        tag: &str,
    ) -> Result<(), PortError> {
        let write = || {
            self.with(repository, |repo| {
                repo.get(commit)?;
                match repo.tags.get(tag) {
                    Some(known) if known != commit => Err(PortError::new(
                        PortErrorKind::Rejected,
                        format!("The tag {tag} is on another commit."),
                    )),
                    _ => {
                        repo.tags.insert(tag.to_owned(), commit.to_owned());
                        Ok(())
                    }
                }
            })
        };
        self.faults.run("git.write_tag", tag, write).await
    }

    async fn write_status(
        &self,
        repository: &Repository,
        commit: &str,
        status: &CommitStatus,
    ) -> Result<(), PortError> {
        let write = || {
            self.with(repository, |repo| {
                repo.get(commit)?;
                repo.statuses.push((commit.to_owned(), status.clone()));
                Ok(())
            })
        };
        self.faults
            .run("git.write_status", &status.context, write)
            .await
    }

    async fn open_issue(
        &self,
        repository: &Repository,
        issue: &Issue,
    ) -> Result<String, PortError> {
        let open = || {
            self.with(repository, |repo| {
                let known = repo.issues.iter().position(|(i, _)| i.key == issue.key);
                let number = known.unwrap_or_else(|| {
                    repo.issues.push((issue.clone(), None));
                    repo.issues.len() - 1
                });
                Ok(format!("{}/issues/{}", repository.url, number + 1))
            })
        };
        self.faults.run("git.open_issue", &issue.key, open).await
    }

    async fn close_issue(
        &self,
        repository: &Repository,
        key: &str,
        comment: &str,
    ) -> Result<(), PortError> {
        let close = || {
            self.with(repository, |repo| {
                if let Some((_, answer)) = repo.issues.iter_mut().find(|(i, _)| i.key == key) {
                    answer.get_or_insert_with(|| comment.to_owned());
                }
                Ok(())
            })
        };
        self.faults.run("git.close_issue", key, close).await
    }
}
