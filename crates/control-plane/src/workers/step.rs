//! What steps of a deployment share: their failures, their log, and the heartbeat that keeps the lease.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::deployment::{LogLevel, Step};
use domain::event::AuditAction;
use domain::gate::Finding;
use domain::ledger::{Origin, ResourceEvent, ResourceKind, ResourceState};
use domain::view::deployment::Failure;

use crate::ControlPlane;
use crate::attestations::About;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::{LogSink, PortError};
use crate::store;
use crate::store::entity::{agent, deployment, resource, version};
use crate::topic::Topic;
use crate::transact::Tx;

/// How often a long step says that it is alive; well within [`store::claim::LEASE`].
const HEARTBEAT: Duration = Duration::from_secs(8);

/// A claimed deployment with what every step needs of it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) row: deployment::Model,
    pub(crate) agent: agent::Model,
    pub(crate) version: version::Model,
}

impl Job {
    /// What a statement made on the way is about.
    pub(crate) const fn about(&self) -> About<'_> {
        About {
            agent: &self.agent,
            version: &self.version,
            row: &self.row,
        }
    }
}

/// Why a step did not move the deployment on.
#[derive(Debug)]
pub(crate) enum StepError {
    /// Judged bad: the deployment fails.
    Failed(Failure),
    /// Could not be judged or done: tried again, then the deployment is errored.
    Trouble { step: Step, message: String },
    /// Somebody outside has to do something first: looked at again then. Waiting is no attempt.
    Waiting { until: DateTime<Utc> },
    /// Ours or the database's: the next activation is the retry.
    Ours(Error),
}

impl From<Error> for StepError {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl StepError {
    /// The deployment is judged bad.
    pub(crate) fn failed(step: Step, message: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self::Failed(Failure {
            step,
            message: message.into(),
            findings,
        })
    }

    /// What a port's error means for a step: content that is refused fails, everything else is tried again.
    pub(crate) fn port(step: Step, error: &PortError) -> Self {
        let message = domain::text::cut(&domain::text::visible(&error.message), 500);
        if error.retryable() {
            Self::Trouble { step, message }
        } else {
            Self::failed(step, message, Vec::new())
        }
    }
}

/// Runs a long call, and `beat` beside it as often as a lease needs it. Whoever lost the lease ends the call.
pub(super) async fn beating<T, B: Future<Output = Result<(), Error>>>(
    beat: impl Fn() -> B,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    beating_after(|| tokio::time::sleep(HEARTBEAT), beat, work).await
}

/// The call goes on while a beat is under way: it may be in a transaction at that moment, and the beat then waits for it.
async fn beating_after<T, P: Future<Output = ()>, B: Future<Output = Result<(), Error>>>(
    pause: impl Fn() -> P,
    beat: impl Fn() -> B,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => return Ok(outcome),
            () = pause() => {}
        }
        let beat = beat();
        tokio::pin!(beat);
        tokio::select! {
            kept = &mut beat => kept?,
            outcome = &mut work => {
                // What has begun is ended: a transaction is not dropped half-way.
                beat.await?;
                return Ok(outcome);
            }
        }
    }
}

/// Runs a long call while keeping the lease and writing its log lines as they come.
pub(crate) async fn alive<T, R: Future<Output = T>>(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    step: Step,
    call: impl FnOnce(LogSink) -> R,
) -> Result<T, Error> {
    let (sink, mut lines) = tokio::sync::mpsc::unbounded_channel();
    let work = call(sink);
    let said = async {
        tokio::pin!(work);
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                Some(first) = lines.recv() => {
                    let mut batch = vec![first];
                    while let Ok(line) = lines.try_recv() {
                        batch.push(line);
                        if batch.len() >= 200 {
                            break;
                        }
                    }
                    say_all(cp, ctx, job, step, &batch).await?;
                }
            }
        };
        let mut rest = Vec::new();
        while let Ok(line) = lines.try_recv() {
            rest.push(line);
        }
        say_all(cp, ctx, job, step, &rest).await?;
        Ok(outcome)
    };
    beating(|| heartbeat(cp, ctx, job), said).await?
}

pub(super) async fn heartbeat(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), Error> {
    cp.transact("step::heartbeat", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await
    })
    .await
}

/// Writes lines to the deployment's log.
pub(crate) async fn say_all(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    step: Step,
    lines: &[(LogLevel, String)],
) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    cp.transact("step::say", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::log::write(tx, job.row.id, step, lines, ctx.now()).await?;
        tx.touch(Topic::new("deployment", job.row.number.to_string()));
        Ok(())
    })
    .await
}

/// Writes one line to the deployment's log.
pub(crate) async fn say(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    step: Step,
    level: LogLevel,
    line: impl Into<String>,
) -> Result<(), Error> {
    say_all(cp, ctx, job, step, &[(level, line.into())]).await
}

/// Notes an external object before it is created, under the fence.
pub(crate) async fn plan_resource(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    kind: ResourceKind,
    name: &str,
    origin: Origin,
) -> Result<resource::Model, Error> {
    cp.transact("ledger::plan", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
        let (row, fresh) =
            store::resources::plan(tx, job.row.id, kind, name, origin, ctx.now()).await?;
        if fresh {
            let event = Event::new(AuditAction::ResourcePlanned, "resource", name)
                .agent(&job.agent.slug)
                .deployment(job.row.number)
                .with("kind", kind)
                .with("origin", origin);
            audit::append(tx, ctx, event).await?;
        }
        Ok(row)
    })
    .await
}

/// Notes that a planned object exists now, inside the caller's transaction.
pub(crate) async fn resource_created(
    tx: &Tx,
    ctx: &OpCtx,
    job: &Job,
    row: &resource::Model,
    digest: Option<&str>,
) -> Result<(), Error> {
    if row.state != ResourceState::Planned {
        return Ok(());
    }
    store::resources::transition(tx, row, ResourceEvent::Created, ctx.now()).await?;
    let event = Event::new(AuditAction::ResourceCreated, "resource", &row.name)
        .agent(&job.agent.slug)
        .deployment(job.row.number)
        .digest(digest)
        .with("kind", row.kind);
    audit::append(tx, ctx, event).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::Semaphore;
    use tokio::task::yield_now;

    use super::*;

    /// A transaction with the one writer of SQLite, in short.
    async fn write(writer: &Semaphore, turns: usize) {
        let _turn = writer.acquire().await.unwrap();
        for _ in 0..turns {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_beat_that_waits_for_what_the_call_holds_does_not_stop_the_call() {
        let writer = &Semaphore::new(1);
        let beat = || async {
            write(writer, 1).await;
            Ok(())
        };
        let work = async {
            for _ in 0..50 {
                write(writer, 20).await;
            }
            "done"
        };
        let outcome = beating_after(yield_now, beat, work);
        let outcome = tokio::time::timeout(Duration::from_secs(20), outcome).await;
        assert_eq!(outcome.expect("it stands still").unwrap(), "done");
    }

    #[tokio::test]
    async fn whoever_lost_the_lease_ends_the_call() {
        let beat = || async { Err(Error::Fenced) };
        let outcome = beating_after(yield_now, beat, pending::<()>()).await;
        assert!(matches!(outcome, Err(Error::Fenced)), "{outcome:?}");
    }
}
