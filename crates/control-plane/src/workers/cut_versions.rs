//! Turns pushes into versions and their non-prod deployments.

use std::time::Duration;

use async_trait::async_trait;
use domain::agent::ManifestProblem;
use domain::delivery::PushState;
use domain::error::Conflict;
use domain::event::AuditAction;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ports::PortError;
use crate::sources;
use crate::store;
use crate::store::claim::{ATTEMPTS_PATIENT, next_attempt};
use crate::store::entity::{agent, push};
use crate::transact::Tx;
use crate::versions::{self, Candidate};

/// The worker.
#[derive(Debug)]
pub(crate) struct CutVersions;

#[async_trait]
impl Worker for CutVersions {
    fn name(&self) -> &'static str {
        "cut_versions"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn parallel(&self, cp: &ControlPlane) -> usize {
        cp.settings().concurrency
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let claimed = cp
            .transact("pushes::claim", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::pushes::claim(tx, ctx.request_id(), ctx.now()).await
                }
            })
            .await?;
        let Some(push) = claimed else {
            return Ok(Status::Idle);
        };
        let agent = store::agents::get(cp.reader(), push.agent_id).await?;
        match look(cp, &agent, &push).await? {
            Found::Later(why) if push.attempts < ATTEMPTS_PATIENT => {
                tracing::info!(push = %push.id, why, "a push is tried again");
                let at = next_attempt(ctx.now(), push.attempts);
                cp.transact("pushes::release", &ctx, |tx: Tx| async move {
                    let tx = &tx;
                    store::pushes::release(tx, push.id, push.fence, at).await
                })
                .await?;
            }
            Found::Later(why) | Found::Unreadable(why) => {
                end(
                    cp,
                    &ctx,
                    &agent,
                    &push,
                    &Ended::because(PushState::Failed, why),
                )
                .await?
            }
            Found::Unchanged(why) => {
                end(
                    cp,
                    &ctx,
                    &agent,
                    &push,
                    &Ended::because(PushState::Unchanged, why),
                )
                .await?
            }
            Found::Wrong(problems) => {
                let note = "The agent manifest has errors.".to_owned();
                let rejected = Ended {
                    state: PushState::Rejected,
                    note,
                    problems,
                };
                end(cp, &ctx, &agent, &push, &rejected).await?;
            }
            Found::Candidate(candidate) => cut(cp, &ctx, &agent, &push, &candidate).await?,
        }
        Ok(Status::Worked)
    }
}

/// What a push's commit turned out to hold.
enum Found {
    Candidate(Box<Candidate>),
    Wrong(Vec<ManifestProblem>),
    Unchanged(String),
    Unreadable(String),
    Later(String),
}

fn port(error: PortError) -> Found {
    if error.retryable() {
        Found::Later(error.message)
    } else {
        Found::Unreadable(error.message)
    }
}

async fn look(cp: &ControlPlane, agent: &agent::Model, push: &push::Model) -> Result<Found, Error> {
    let repository = sources::repository(cp, agent).await?;
    // The author and committer come from git itself, so the commit is read even when a checkout is there.
    versions::discard(cp, agent, &push.commit_id).await;
    let (folder, commit) = match versions::check_out(cp, agent, &repository, &push.commit_id).await
    {
        Ok((folder, Some(commit))) => (folder, commit),
        Ok((_, None)) => return Ok(Found::Later("another worker reads this commit".to_owned())),
        Err(error) => return Ok(port(error)),
    };
    let candidate = match versions::read(&folder, agent, commit).await {
        Ok(candidate) => candidate,
        Err(problems) => return Ok(Found::Wrong(problems)),
    };
    let Some(before) = &push.before_commit else {
        return Ok(Found::Candidate(Box::new(candidate)));
    };
    match cp
        .ports()
        .git_host
        .history(&repository, Some(before), &push.commit_id, &agent.path, &[])
        .await
    {
        Ok(history) => {
            let watch = &candidate.manifest.watch;
            let prefix = if agent.path.is_empty() {
                String::new()
            } else {
                format!("{}/", agent.path)
            };
            let touched = history.files.iter().any(|f| {
                let inner = f.path.strip_prefix(&prefix).unwrap_or(&f.path);
                watch.is_empty()
                    || inner == domain::agent::MANIFEST_FILE
                    || watch.iter().any(|w| inner.starts_with(w.as_str()))
            });
            if touched {
                Ok(Found::Candidate(Box::new(candidate)))
            } else {
                Ok(Found::Unchanged(
                    "Nothing under the watched paths changed.".to_owned(),
                ))
            }
        }
        // The commit before may be gone after a force push; then everything counts as changed.
        Err(error) if !error.retryable() => Ok(Found::Candidate(Box::new(candidate))),
        Err(error) => Ok(port(error)),
    }
}

/// Cuts the version and plans its deployment, in the transaction that settles the push.
async fn cut(
    cp: &ControlPlane,
    ctx: &OpCtx,
    agent: &agent::Model,
    push: &push::Model,
    candidate: &Candidate,
) -> Result<(), Error> {
    let outcome = cp
        .transact("versions::cut", ctx, |tx: Tx| async move {
            let tx = &tx;
            let agent = &store::agents::lock(tx, agent.id).await?;
            let version = versions::cut(tx, ctx, agent, candidate).await?;
            let row = deployments::request_push(tx, ctx, agent, &version, &push.pushed_by).await?;
            store::pushes::settle(tx, push, PushState::Done, None, "[]".to_owned(), ctx.now())
                .await?;
            let event = Event::new(AuditAction::PushSettled, "push", push.id.to_string())
                .agent(&agent.slug)
                .deployment(row.number)
                .with("state", PushState::Done)
                .with("version", &version.number);
            audit::append(tx, ctx, event).await.map(|_| ())
        })
        .await;
    match outcome {
        Err(Error::Conflict {
            why: why @ (Conflict::Held | Conflict::Decommissioned),
        }) => {
            end(
                cp,
                ctx,
                agent,
                push,
                &Ended::because(PushState::Unchanged, why.message().to_owned()),
            )
            .await
        }
        other => other,
    }
}

/// How a push ended without a version.
struct Ended {
    state: PushState,
    note: String,
    problems: Vec<ManifestProblem>,
}

impl Ended {
    fn because(state: PushState, note: String) -> Self {
        Self {
            state,
            note,
            problems: Vec::new(),
        }
    }
}

async fn end(
    cp: &ControlPlane,
    ctx: &OpCtx,
    agent: &agent::Model,
    push: &push::Model,
    ended: &Ended,
) -> Result<(), Error> {
    versions::discard(cp, agent, &push.commit_id).await;
    let kept = store::to_json(&ended.problems)?;
    cp.transact("pushes::settle", ctx, |tx: Tx| {
        let kept = &kept;
        async move {
            let tx = &tx;
            store::pushes::settle(
                tx,
                push,
                ended.state,
                Some(ended.note.clone()),
                kept.clone(),
                ctx.now(),
            )
            .await?;
            let event = Event::new(AuditAction::PushSettled, "push", push.id.to_string())
                .agent(&agent.slug)
                .reason(&ended.note)
                .with("state", ended.state)
                .with("commit", &push.commit_id);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
