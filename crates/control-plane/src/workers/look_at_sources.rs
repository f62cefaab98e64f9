//! Looks at the repositories of agents that are being onboarded, and keeps what they hold. Each look is checked out into a folder of
//! its own, because the folder of a push is thrown away by whoever cuts its version.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use domain::detection::{Detected, LookProblem, LookState};
use domain::id::AgentId;
use domain::text::{cut, visible};

use super::step::beating;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::detections::topic;
use crate::error::Error;
use crate::ports::{PortError, PortErrorKind};
use crate::sources;
use crate::store;
use crate::store::claim::{ATTEMPTS_MAX, next_attempt};
use crate::store::detections::Outcome;
use crate::store::entity::{agent, detection};
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct LookAtSources;

#[async_trait]
impl Worker for LookAtSources {
    fn name(&self) -> &'static str {
        "look_at_sources"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = &deployments::worker(cp, self.name());
        let claimed = cp.transact("detections::claim", ctx, |tx: Tx| async move {
            store::detections::claim(&tx, ctx.request_id(), ctx.now()).await
        });
        let Some(row) = claimed.await? else {
            return Ok(Status::Idle);
        };
        let row = &row;
        let agent = &store::agents::get(cp.reader(), row.agent_id).await?;
        let beat = || {
            cp.transact("detections::heartbeat", ctx, |tx: Tx| async move {
                store::detections::heartbeat(&tx, row.id, row.fence, ctx.now()).await
            })
        };
        let folder = place(cp, row);
        tidy(cp, agent.id).await;
        let seen = beating(beat, look(cp, agent, &folder)).await;
        remove(&folder).await;
        let secret_known = secret_known(cp, agent).await?;
        let outcome = match seen?? {
            Seen::Found(commit, found) => Outcome {
                state: LookState::Done,
                commit: Some(commit),
                found: Some(store::to_json(&*found)?),
                problem: None,
                secret_known,
            },
            Seen::Trouble(problem, error) => {
                if error.retryable() && row.attempts < ATTEMPTS_MAX {
                    return put_off(cp, ctx, row, agent).await;
                }
                let said = cut(&visible(&error.message), 500);
                Outcome {
                    state: LookState::Failed,
                    commit: None,
                    found: None,
                    problem: Some((problem, said)),
                    secret_known,
                }
            }
        };
        let outcome = &outcome;
        let settled = cp.transact("detections::settle", ctx, |tx: Tx| async move {
            store::detections::settle(&tx, row, outcome, ctx.now()).await?;
            tx.touch(topic(&agent.slug));
            Ok(())
        });
        settled.await?;
        Ok(Status::Worked)
    }
}

/// What a look came to.
enum Seen {
    /// The commit, and what it holds.
    Found(String, Box<Detected>),
    Trouble(LookProblem, PortError),
}

async fn look(cp: &ControlPlane, agent: &agent::Model, into: &Path) -> Result<Seen, Error> {
    let repository = sources::repository(cp, agent).await?;
    let git = &cp.ports().git_host;
    let unread = |error| Ok(Seen::Trouble(LookProblem::RepositoryUnread, error));
    let commit = match git.head(&repository, &agent.branch).await {
        Ok(Some(commit)) => commit,
        Ok(None) => {
            let why = PortError::new(PortErrorKind::NotFound, "");
            return Ok(Seen::Trouble(LookProblem::BranchMissing, why));
        }
        Err(error) => return unread(error),
    };
    if let Err(error) = git.check_out(&repository, &commit, into).await {
        return unread(error);
    }
    let Some(folder) = inside(into, &agent.path).await else {
        let why = PortError::new(PortErrorKind::NotFound, "");
        return Ok(Seen::Trouble(LookProblem::FolderMissing, why));
    };
    Ok(match cp.ports().scanner.detect(&folder).await {
        Ok(found) => Seen::Found(commit, Box::new(found)),
        Err(error) => Seen::Trouble(LookProblem::NotAnalysed, error),
    })
}

/// The agent's folder, where it is one and lies within the checkout.
async fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let root = tokio::fs::canonicalize(root).await.ok()?;
    let folder = tokio::fs::canonicalize(root.join(path)).await.ok()?;
    let is_folder = tokio::fs::metadata(&folder).await.ok()?.is_dir();
    (is_folder && folder.starts_with(&root)).then_some(folder)
}

/// Can the secret of the connection's webhook be read? Its value goes no further.
async fn secret_known(cp: &ControlPlane, agent: &agent::Model) -> Result<bool, Error> {
    let connection = store::connections::get(cp.reader(), agent.connection_id).await?;
    let Some(connection) = connection else {
        return Ok(false);
    };
    let read = cp.ports().secrets.read(&connection.secret_reference).await;
    Ok(read.is_ok())
}

async fn put_off(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &detection::Model,
    agent: &agent::Model,
) -> Result<Status, Error> {
    let at = next_attempt(ctx.now(), row.attempts);
    cp.transact("detections::release", ctx, |tx: Tx| async move {
        store::detections::release(&tx, row.id, row.fence, at).await?;
        tx.touch(topic(&agent.slug));
        Ok(Status::Worked)
    })
    .await
}

fn prefix(agent: AgentId) -> String {
    format!("look-{}-", agent.0.simple())
}

/// The folder of this claim.
fn place(cp: &ControlPlane, row: &detection::Model) -> PathBuf {
    let name = format!("{}{}", prefix(row.agent_id), row.fence);
    cp.settings().work_dir.join(name)
}

/// Removes what looks at the same agent left that were killed.
async fn tidy(cp: &ControlPlane, agent: AgentId) {
    let Ok(mut entries) = tokio::fs::read_dir(&cp.settings().work_dir).await else {
        return;
    };
    let prefix = prefix(agent);
    while let Ok(Some(entry)) = entries.next_entry().await {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            remove(&entry.path()).await;
        }
    }
}

/// What cannot be removed now is removed with the next look.
async fn remove(folder: &Path) {
    if let Err(error) = tokio::fs::remove_dir_all(folder).await
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the checkout of a look could not be removed");
    }
}
