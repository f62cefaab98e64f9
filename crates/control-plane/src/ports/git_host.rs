//! The git host: where sources are read, and where tags and commit statuses are written.

use std::path::Path;

use async_trait::async_trait;
use domain::connection::ConnectionKind;
use domain::view::diff::{CommitLine, FileChange};

use super::PortError;

/// A repository as an agent names it. Its address was checked by the form and is checked again by the adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    pub url: String,
    /// Which host it is, for the status API.
    pub kind: ConnectionKind,
}

/// A fetched commit, checked out into a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub id: String,
    pub subject: String,
    pub author_name: String,
    pub author_email: String,
    pub committer_name: String,
    pub committer_email: String,
}

/// What changed between two commits, under one path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Newest first, at most 50.
    pub commits: Vec<CommitLine>,
    /// At most 200.
    pub files: Vec<FileChange>,
    /// Author and committer e-mail addresses of the commits that touched the given config paths, lower case.
    pub config_editors: Vec<String>,
}

/// Everybody who had a part in what lies between two commits: e-mail addresses as git records them, lower case, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contributors {
    pub authors: Vec<String>,
    pub committers: Vec<String>,
}

/// How a deployment stands, for the commit's page on the git host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusState {
    Pending,
    Success,
    /// Judged bad.
    Failure,
    /// Could not be judged.
    Error,
}

/// One status on one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitStatus {
    /// `clearance/<agent>/<environment>`: a later status with the same context replaces it.
    pub context: String,
    pub state: StatusState,
    /// At most 140 characters.
    pub description: String,
    /// Page of the deployment.
    pub target_url: String,
}

/// Something for people to look after, on the git host: an issue or a work item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Never used for anything else, so that opening it again finds it: `clearance-<id of the deployment>`.
    pub key: String,
    /// One line, at most 120 characters.
    pub title: String,
    /// Markdown. What others wrote stands in it as code.
    pub body: String,
}

/// A git host.
#[async_trait]
pub trait GitHost: Send + Sync {
    /// The commit a branch points at; `None` when the branch does not exist.
    async fn head(
        &self,
        repository: &Repository,
        branch: &str,
    ) -> Result<Option<String>, PortError>;

    /// Checks one commit out into `into`, a folder that does not exist yet: no hooks, no submodules, bounded size and time,
    /// and never a link that leads out of the tree.
    async fn check_out(
        &self,
        repository: &Repository,
        commit: &str,
        into: &Path,
    ) -> Result<Commit, PortError>;

    /// What lies between two commits under `path` (empty: everything). `config_paths` are relative to `path`.
    async fn history(
        &self,
        repository: &Repository,
        from: Option<&str>,
        to: &str,
        path: &str,
        config_paths: &[String],
    ) -> Result<History, PortError>;

    /// Who wrote and committed what is in `to` and not in `from` (or in anything before it), under `path`: every commit
    /// counts, also one that a later one took back, and a merge that chose between two sides. Never cut short.
    async fn contributors(
        &self,
        repository: &Repository,
        from: Option<&str>,
        to: &str,
        path: &str,
    ) -> Result<Contributors, PortError>;

    /// Puts a tag on a commit. The same tag on the same commit again is no error; on another commit it is `Rejected`.
    async fn write_tag(
        &self,
        repository: &Repository,
        commit: &str,
        tag: &str,
    ) -> Result<(), PortError>;

    /// Sets a status on a commit.
    async fn write_status(
        &self,
        repository: &Repository,
        commit: &str,
        status: &CommitStatus,
    ) -> Result<(), PortError>;

    /// Opens an issue and answers its page. One with this key that is there already, open or closed, is that one.
    async fn open_issue(&self, repository: &Repository, issue: &Issue)
    -> Result<String, PortError>;

    /// Answers the issue with this key by a comment and closes it, where the host lets us close what people work on. One
    /// that is answered, closed or gone already is no error.
    async fn close_issue(
        &self,
        repository: &Repository,
        key: &str,
        comment: &str,
    ) -> Result<(), PortError>;
}
