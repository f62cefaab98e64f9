//! Heads of the audit log in a branch of a git repository: one file for each log, one commit for each head. Owns the form of the
//! commit; refuses to rewrite the branch.

use std::sync::Arc;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::anchors::Anchors;
use control_plane::ports::git_host::{GitHost as _, Repository};
use domain::connection::ConnectionKind;

use super::cli::holding;
use super::mirror::Mirror;
use super::push::{Pushed, push};
use super::{Git, azure_devops};
use crate::adapters::problem::{protocol, rejected, unavailable};
use crate::config::GitAnchor;

/// Where the commit is made in the mirror.
const OURS: &str = "refs/clearance/anchor";
/// A repository without a commit says nothing of its names; these are the usual ones.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";
const TRIES: u32 = 4;

/// The repository of heads; none where it is not configured.
pub(in crate::adapters) struct GitAnchors {
    git: Arc<Git>,
    settings: Option<GitAnchor>,
}

impl GitAnchors {
    pub(in crate::adapters) fn new(git: Arc<Git>, settings: Option<GitAnchor>) -> Self {
        Self { git, settings }
    }
}

#[async_trait]
impl Anchors for GitAnchors {
    async fn write(&self, origin: &str, size: u64, note: &str) -> Result<String, PortError> {
        let settings = self.settings.as_ref().ok_or_else(|| {
            rejected("No repository is configured: set `audit_log.anchors.git.repository`.")
        })?;
        let mut repository = Repository {
            kind: ConnectionKind::GitHub,
            url: settings.repository.clone(),
        };
        let address = self.git.address(&repository)?;
        if address
            .on_server()
            .is_some_and(|(host, _)| azure_devops::is_host(host))
        {
            repository.kind = ConnectionKind::AzureDevOps;
        }
        let credential = self.git.credential(&repository, &address).await?;
        for _ in 0..TRIES {
            let head = self.git.head(&repository, &settings.branch).await?;
            let at = head.as_deref().unwrap_or(NO_COMMIT);
            let mirror = self.git.mirror(&address, credential.as_ref(), at).await?;
            let path = path(origin);
            if let Some(head) = &head {
                mirror.ensure(head).await?;
                if holds(&mirror, head, &path, note).await? {
                    return Ok(head.clone());
                }
            }
            let made = commit(&mirror, head.as_deref(), (&path, note), (origin, size)).await?;
            let refspec = format!("{OURS}:refs/heads/{}", settings.branch);
            if push(&mirror, &refspec, "commits").await? == Pushed::Done {
                return Ok(made);
            }
        }
        Err(unavailable(
            "The branch is being written by others: it is tried again.",
        ))
    }
}

/// The file of one log: its name with everything but plain letters, digits, dots and dashes replaced.
fn path(origin: &str) -> String {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-');
    let name: String = origin
        .chars()
        .map(|ch| if plain(ch) { ch } else { '_' })
        .collect();
    format!("checkpoints/{name}.txt")
}

/// The branch says so already: the answer to an earlier push was lost.
async fn holds(mirror: &Mirror<'_>, head: &str, path: &str, note: &str) -> Result<bool, PortError> {
    let shown = mirror
        .attempt(["cat-file", "blob", &format!("{head}:{path}")])
        .await?;
    Ok(shown.success && shown.stdout == note.as_bytes())
}

/// One commit on top of the branch, without a working folder.
async fn commit(
    mirror: &Mirror<'_>,
    head: Option<&str>,
    (path, note): (&str, &str),
    (origin, size): (&str, u64),
) -> Result<String, PortError> {
    let message = format!("Checkpoint over {size} events of {origin}\n");
    let from = head.map_or_else(String::new, |head| format!("from {head}\n"));
    // The lengths say where texts end, so nothing in them is taken for a command.
    let stream = format!(
        "commit {OURS}\nauthor Clearance <clearance@localhost> now\ncommitter Clearance <clearance@localhost> now\n\
         data {}\n{message}\n{from}M 100644 inline {path}\ndata {}\n{note}\ndone\n",
        message.len(),
        note.len()
    );
    let import = mirror
        .command([
            "fast-import",
            "--quiet",
            "--force",
            "--done",
            "--date-format=now",
        ])?
        .reading(holding(stream.as_bytes())?);
    mirror.run(import).await?.ok()?;
    let named = mirror.git(["rev-parse", "--verify", OURS]).await?;
    String::from_utf8(named.trim_ascii().to_vec())
        .map_err(|_| protocol("Git did not name the commit that it made."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_one_file_whatever_its_name() {
        assert_eq!(
            path("clearance.example.com/audit/7f"),
            "checkpoints/clearance.example.com_audit_7f.txt"
        );
        assert_eq!(path("../../etc"), "checkpoints/.._.._etc.txt");
    }
}
