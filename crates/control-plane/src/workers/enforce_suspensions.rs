//! Brings suspensions of identities into force at their providers, and lifts them there. Each call may be repeated, and is
//! tried again for ever.

use std::time::Duration;

use async_trait::async_trait;
use domain::identity::IdentityState;
use domain::suspension::{SuspensionEvent, SuspensionState};

use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::identities;
use crate::ports::PortError;
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::suspension;
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct EnforceSuspensions;

#[async_trait]
impl Worker for EnforceSuspensions {
    fn name(&self) -> &'static str {
        "enforce_suspensions"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let mut worked = false;
        for row in store::suspensions::current(cp.reader()).await? {
            worked |= converge(cp, &ctx, &row).await?;
        }
        Ok(if worked { Status::Worked } else { Status::Idle })
    }
}

async fn converge(cp: &ControlPlane, ctx: &OpCtx, row: &suspension::Model) -> Result<bool, Error> {
    let identity = store::identities::get(cp.reader(), row.identity_id).await?;
    if identity.state == IdentityState::Revoked {
        note(cp, ctx, row, SuspensionEvent::IdentityRevoked, false).await?;
        return Ok(true);
    }
    if row.next_attempt_at > ctx.now() {
        return Ok(false);
    }
    let provider = &cp.ports().identity_provider;
    let (outcome, event, resumed) = match row.state {
        SuspensionState::Requested => {
            let outcome = provider.suspend(&identity.client_id).await;
            (outcome, SuspensionEvent::Enforced, false)
        }
        SuspensionState::Lifting => {
            // What is in quarantine beside that stays suspended at the provider: its release resumes it.
            let quarantine = store::quarantines::of(cp.reader(), identity.deployment_id).await?;
            let outcome = match quarantine {
                Some(_) => Ok(()),
                None => provider.resume(&identity.client_id).await,
            };
            (outcome, SuspensionEvent::Completed, quarantine.is_none())
        }
        SuspensionState::InForce | SuspensionState::Lifted | SuspensionState::Over => {
            return Ok(false);
        }
    };
    match outcome {
        Ok(()) => note(cp, ctx, row, event, resumed).await?,
        Err(error) => postpone(cp, ctx, row, &error).await?,
    }
    Ok(true)
}

async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &suspension::Model,
    event: SuspensionEvent,
    resumed: bool,
) -> Result<(), Error> {
    cp.transact("suspensions::note", ctx, |tx: Tx| async move {
        identities::note_suspension(&tx, ctx, row, event, resumed).await
    })
    .await
}

async fn postpone(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &suspension::Model,
    error: &PortError,
) -> Result<(), Error> {
    let at = next_attempt(ctx.now(), row.attempts + 1);
    cp.transact("suspensions::postpone", ctx, |tx: Tx| async move {
        store::suspensions::postpone(&tx, row, &error.message, at).await
    })
    .await
}
