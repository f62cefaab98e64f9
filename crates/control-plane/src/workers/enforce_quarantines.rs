//! Brings quarantines into force outside, and lifts them there: suspends the identity, then stops the runtime; starts the
//! runtime, then resumes the identity. Each call may be repeated, and is tried again for ever.

use std::time::Duration;

use async_trait::async_trait;
use domain::deployment::DeploymentState;
use domain::identity::IdentityState;
use domain::incident::{QuarantineEvent, QuarantineState};

use super::names;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ports::PortError;
use crate::quarantines;
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::{deployment, quarantine};
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct EnforceQuarantines;

#[async_trait]
impl Worker for EnforceQuarantines {
    fn name(&self) -> &'static str {
        "enforce_quarantines"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let mut worked = false;
        for row in store::quarantines::current(cp.reader()).await? {
            worked |= converge(cp, &ctx, &row).await?;
        }
        Ok(if worked { Status::Worked } else { Status::Idle })
    }
}

async fn converge(cp: &ControlPlane, ctx: &OpCtx, row: &quarantine::Model) -> Result<bool, Error> {
    let deployment = store::deployments::get(cp.reader(), row.deployment_id).await?;
    if deployment.state != DeploymentState::Live {
        note(cp, ctx, row, QuarantineEvent::DeploymentEnded, false).await?;
        return Ok(true);
    }
    if row.next_attempt_at > ctx.now() {
        return Ok(false);
    }
    let (outcome, event) = match row.state {
        QuarantineState::Requested => (
            isolate(cp, &deployment).await?.map(|()| false),
            QuarantineEvent::Enforced,
        ),
        QuarantineState::Releasing => (resume(cp, &deployment).await?, QuarantineEvent::Resumed),
        QuarantineState::InForce | QuarantineState::Released | QuarantineState::Over => {
            return Ok(false);
        }
    };
    match outcome {
        Ok(resumed) => note(cp, ctx, row, event, resumed).await?,
        Err(error) => postpone(cp, ctx, row, &error).await?,
    }
    Ok(true)
}

async fn client(cp: &ControlPlane, row: &deployment::Model) -> Result<String, Error> {
    let agent = store::agents::get(cp.reader(), row.agent_id).await?;
    Ok(names::client(&agent.slug, row.number))
}

async fn isolate(
    cp: &ControlPlane,
    row: &deployment::Model,
) -> Result<Result<(), PortError>, Error> {
    let client = client(cp, row).await?;
    if !revoked(cp, row).await?
        && let Err(error) = cp.ports().identity_provider.suspend(&client).await
    {
        return Ok(Err(error));
    }
    Ok(cp.ports().runtime.stop(&names::runtime(row.number)).await)
}

/// Starts the runtime, then lets the principal act: whether it was asked for, because one that a person holds suspended stays so.
async fn resume(
    cp: &ControlPlane,
    row: &deployment::Model,
) -> Result<Result<bool, PortError>, Error> {
    let client = client(cp, row).await?;
    if let Err(error) = cp.ports().runtime.revive(&names::runtime(row.number)).await {
        return Ok(Err(error));
    }
    let identity = store::identities::of(cp.reader(), row.id).await?;
    let Some(identity) = identity.filter(|one| one.state != IdentityState::Revoked) else {
        return Ok(Ok(false));
    };
    if store::suspensions::of(cp.reader(), identity.id)
        .await?
        .is_some()
    {
        return Ok(Ok(false));
    }
    let resumed = cp.ports().identity_provider.resume(&client).await;
    Ok(resumed.map(|()| true))
}

/// A revoked identity is gone at its provider, or on its way there: there is nothing to suspend.
async fn revoked(cp: &ControlPlane, row: &deployment::Model) -> Result<bool, Error> {
    let identity = store::identities::of(cp.reader(), row.id).await?;
    Ok(identity.is_some_and(|identity| identity.state == IdentityState::Revoked))
}

async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &quarantine::Model,
    event: QuarantineEvent,
    resumed: bool,
) -> Result<(), Error> {
    cp.transact("quarantines::note", ctx, |tx: Tx| async move {
        quarantines::note(&tx, ctx, row, event, resumed).await
    })
    .await
}

async fn postpone(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &quarantine::Model,
    error: &PortError,
) -> Result<(), Error> {
    let at = next_attempt(ctx.now(), row.attempts + 1);
    cp.transact("quarantines::postpone", ctx, |tx: Tx| async move {
        store::quarantines::postpone(&tx, row, &error.message, at).await
    })
    .await
}
