//! Puts back what was approved, where a person asked for it: scopes at the identity provider, then the runtime from the
//! approved image with the approved settings, then the registry's pointer. Each call may be repeated, and is tried again for
//! ever; the finding ends by itself when the difference is gone.

use std::time::Duration;

use async_trait::async_trait;
use domain::deployment::DeploymentState;
use domain::event::AuditAction;
use domain::finding::{FindingKind, quoted};
use domain::manifest::ReleaseManifest;

use super::{Status, Worker};
use super::{names, order};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ports::{PortError, PortErrorKind};
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::{agent, deployment, finding, revert, version};
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct RevertDrift;

#[async_trait]
impl Worker for RevertDrift {
    fn name(&self) -> &'static str {
        "revert_drift"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let due = store::reverts::due(cp.reader(), ctx.now()).await?;
        for row in &due {
            put_back(cp, &ctx, row).await?;
        }
        Ok(if due.is_empty() {
            Status::Idle
        } else {
            Status::Worked
        })
    }
}

/// What a revert is about.
struct Target {
    finding: finding::Model,
    row: deployment::Model,
    agent: agent::Model,
    version: version::Model,
}

async fn target(cp: &ControlPlane, asked: &revert::Model) -> Result<Option<Target>, Error> {
    let db = cp.reader();
    let finding = store::findings::by_id(db, asked.finding_id).await?;
    let Some(number) = finding.deployment else {
        return Ok(None);
    };
    let row = store::deployments::by_number(db, number).await?;
    if row.state != DeploymentState::Live {
        return Ok(None);
    }
    Ok(Some(Target {
        agent: store::agents::get(db, row.agent_id).await?,
        version: store::versions::get(db, row.version_id).await?,
        finding,
        row,
    }))
}

async fn put_back(cp: &ControlPlane, ctx: &OpCtx, asked: &revert::Model) -> Result<(), Error> {
    let Some(target) = target(cp, asked).await? else {
        // What is not live any more has nothing to be put back to.
        return done(cp, ctx, asked, None, None).await;
    };
    let held = store::quarantines::of(cp.reader(), target.row.id).await?;
    let outcome = if held.is_some() {
        let message = "It is in quarantine. It is put back when that is over.";
        Err(PortError::new(PortErrorKind::Unavailable, message))
    } else if target.finding.kind == FindingKind::DriftScopes {
        scopes(cp, &target).await?.map(|()| None)
    } else {
        runtime(cp, &target).await?.map(Some)
    };
    match outcome {
        Ok(endpoint) => done(cp, ctx, asked, Some(&target), endpoint).await,
        Err(error) => {
            let at = next_attempt(ctx.now(), asked.attempts + 1);
            cp.transact("drift::postpone", ctx, |tx: Tx| {
                let error = &error;
                async move { store::reverts::postpone(&tx, asked, &error.message, at).await }
            })
            .await
        }
    }
}

async fn scopes(cp: &ControlPlane, target: &Target) -> Result<Result<(), PortError>, Error> {
    let wanted = order::identity(&target.agent, &target.version, &target.row)?;
    Ok(cp.ports().identity_provider.restore(&wanted).await)
}

/// Starts the runtime anew as it was approved. Answers where it is.
async fn runtime(cp: &ControlPlane, target: &Target) -> Result<Result<String, PortError>, Error> {
    let wanted = order::identity(&target.agent, &target.version, &target.row)?;
    let provided = match cp.ports().identity_provider.provision(&wanted).await {
        Ok(provided) => provided,
        Err(error) => return Ok(Err(error)),
    };
    let wanted = order::runtime(cp, &target.agent, &target.version, &target.row, &provided)?;
    let name = names::runtime(target.row.number);
    if let Err(error) = cp.ports().runtime.remove(&name).await {
        return Ok(Err(error));
    }
    Ok(cp.ports().runtime.start(wanted).await.map(|s| s.endpoint))
}

async fn done(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &revert::Model,
    target: Option<&Target>,
    endpoint: Option<String>,
) -> Result<(), Error> {
    cp.transact("drift::reverted", ctx, |tx: Tx| {
        let endpoint = &endpoint;
        async move {
            let tx = &tx;
            store::reverts::done(tx, asked, ctx.now()).await?;
            let Some(target) = target else {
                return Ok(());
            };
            let row = store::deployments::get(&**tx, target.row.id).await?;
            if let (Some(endpoint), DeploymentState::Live) = (endpoint, row.state) {
                let health = row.health;
                store::deployments::set_health(tx, row.id, health, Some(endpoint), ctx.now())
                    .await?;
            }
            if target.finding.kind == FindingKind::DriftScopes {
                own_scopes(tx, &row).await?;
            }
            let number = quoted(target.finding.number);
            let event = Event::new(AuditAction::DriftReverted, "finding", number)
                .agent(&target.agent.slug)
                .deployment(row.number)
                .digest(row.manifest_digest.as_deref());
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}

/// The scopes that the token endpoint reads are those of the manifest again.
async fn own_scopes(tx: &Tx, row: &deployment::Model) -> Result<(), Error> {
    let (Some(text), Some(identity)) = (&row.manifest, store::identities::of(&**tx, row.id).await?)
    else {
        return Ok(());
    };
    let manifest: ReleaseManifest = store::from_json(text)?;
    store::identities::set_scopes(tx, identity.id, &store::to_json(&manifest.scopes)?).await
}
