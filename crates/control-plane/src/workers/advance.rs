//! Advances deployments: claims one that has work, runs the step of its state, and deals with what goes wrong.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentEvent, DeploymentState, LogLevel, Step};

use super::step::{Job, StepError, say};
use super::{Status, Worker, build, check, clean_up, deploy, verify};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments::{self, end};
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::claim::{ATTEMPTS_MAX, next_attempt};
use crate::store::entity::deployment;
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct AdvanceDeployments;

#[async_trait]
impl Worker for AdvanceDeployments {
    fn name(&self) -> &'static str {
        "advance_deployments"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn parallel(&self, cp: &ControlPlane) -> usize {
        cp.settings().concurrency
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let claimed = cp
            .transact("deployments::claim", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::deployments::claim(tx, ctx.request_id(), ctx.now()).await
                }
            })
            .await?;
        let Some(row) = claimed else {
            return Ok(Status::Idle);
        };
        let agent = store::agents::get(cp.reader(), row.agent_id).await?;
        let version = store::versions::get(cp.reader(), row.version_id).await?;
        let job = Job {
            row,
            agent,
            version,
        };
        match step(cp, &ctx, &job).await {
            Ok(()) => {}
            Err(StepError::Failed(failure)) => {
                let message = failure.message.clone();
                finish(
                    cp,
                    &ctx,
                    &job,
                    DeploymentEvent::Failed,
                    &message,
                    Some(failure),
                )
                .await?;
            }
            Err(StepError::Trouble { step, message }) => {
                trouble(cp, &ctx, &job, step, &message).await?
            }
            Err(StepError::Waiting { until }) => postpone(cp, &ctx, &job, until).await?,
            Err(StepError::Ours(error)) => {
                // Whoever took the deployment over may have ended it and cleaned up while this worker was still creating.
                clean_up::remove_late(cp, &job.row).await?;
                if matches!(error, Error::Fenced) {
                    return Err(error);
                }
                give_back(cp, &ctx, &job.row).await?;
                return Err(error);
            }
        }
        Ok(Status::Worked)
    }
}

/// Gives a deployment back until the clock lets it go on, if it does not yet. Waiting is no attempt.
async fn held_up(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<bool, Error> {
    let row = &job.row;
    if !matches!(
        row.state,
        DeploymentState::Queued | DeploymentState::Deploying
    ) {
        return Ok(false);
    }
    let whom = Whom::of(cp.reader(), &job.agent, &job.version).await?;
    let policy = policies::of(cp.reader(), row.policy_version, &whom).await?;
    let Some(wait) = policies::wait(cp.reader(), &policy, row, ctx.now()).await? else {
        return Ok(false);
    };
    say(cp, ctx, job, Step::Source, LogLevel::Text, wait.text).await?;
    postpone(cp, ctx, job, wait.until).await?;
    Ok(true)
}

/// Gives a deployment back until then.
async fn postpone(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let row = &job.row;
    cp.transact("deployments::postpone", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::postpone(tx, row.id, row.fence, until).await
    })
    .await
}

async fn step(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    if held_up(cp, ctx, job).await? {
        return Ok(());
    }
    match job.row.state {
        DeploymentState::Queued => build::begin(cp, ctx, job).await,
        DeploymentState::Building => build::build(cp, ctx, job).await,
        DeploymentState::Checking => check::check(cp, ctx, job).await,
        DeploymentState::Deploying => deploy::deploy(cp, ctx, job).await,
        DeploymentState::Verifying => verify::verify(cp, ctx, job).await,
        DeploymentState::Failed
        | DeploymentState::Errored
        | DeploymentState::Rejected
        | DeploymentState::Expired
        | DeploymentState::Cancelled
        | DeploymentState::CleanupIncomplete => Ok(clean_up::begin(cp, ctx, job).await?),
        DeploymentState::CleaningUp => Ok(clean_up::clean_up(cp, ctx, job).await?),
        DeploymentState::AwaitingApproval
        | DeploymentState::Live
        | DeploymentState::Superseded
        | DeploymentState::RolledBack
        | DeploymentState::Decommissioned
        | DeploymentState::Cleaned => Ok(()),
    }
}

/// Tries again later, a bounded number of times; then the deployment is errored, which says nothing about the agent.
async fn trouble(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    step: domain::deployment::Step,
    message: &str,
) -> Result<(), Error> {
    if job.row.attempts >= ATTEMPTS_MAX {
        let failure = domain::view::deployment::Failure {
            step,
            message: message.to_owned(),
            findings: Vec::new(),
        };
        return finish(
            cp,
            ctx,
            job,
            DeploymentEvent::Errored,
            message,
            Some(failure),
        )
        .await;
    }
    let line = format!(
        "{message} Try {} of {ATTEMPTS_MAX}; tried again.",
        job.row.attempts
    );
    say(cp, ctx, job, step, LogLevel::Warn, line).await?;
    give_back(cp, ctx, &job.row).await
}

async fn give_back(cp: &ControlPlane, ctx: &OpCtx, row: &deployment::Model) -> Result<(), Error> {
    let at = next_attempt(ctx.now(), row.attempts);
    cp.transact("deployments::release", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::release(tx, row.id, row.fence, at).await
    })
    .await
}

async fn finish(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    event: DeploymentEvent,
    message: &str,
    failure: Option<domain::view::deployment::Failure>,
) -> Result<(), Error> {
    cp.transact("deployments::end", ctx, |tx: Tx| {
        let failure = &failure;
        async move {
            let tx = &tx;
            end::end(tx, ctx, &job.row, event, message, failure.clone()).await
        }
    })
    .await
}
