//! Clean-up: removes what a deployment created, identity first, retried for ever, and writes the receipt after the
//! providers were listed again.

use std::time::Duration;

use async_trait::async_trait;
use domain::deployment::DeploymentEvent;
use domain::event::AuditAction;
use domain::ledger::{Origin, ResourceEvent, ResourceKind, ResourceState};

use super::step::Job;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ports::PortError;
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::deployments::Learnt;
use crate::store::entity::{agent, deployment, resource};
use crate::transact::Tx;
use crate::versions;

mod receipt;

/// Failed, cancelled and the like: the teardown begins.
pub(crate) async fn begin(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), Error> {
    cp.transact("clean_up::begin", ctx, |tx: Tx| async move {
        let tx = &tx;
        deployments::advance(tx, ctx, &job.row, DeploymentEvent::CleanupStarted)
            .await
            .map(|_| ())
    })
    .await
}

/// Cleaning up: removes everything due, lists the providers again, writes the receipt and ends.
pub(crate) async fn clean_up(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), Error> {
    remove_all(cp, ctx, &job.row, &job.agent.slug).await?;
    release_kept(cp, ctx, &job.row).await?;
    discard_source(cp, &job.row, &job.agent, &job.version.commit_id).await?;
    let receipt = receipt::write(cp, &job.row).await?;
    let clean = receipt.left.is_empty();
    let text = store::to_json(&receipt)?;
    let event = if clean {
        DeploymentEvent::CleanedUp
    } else {
        DeploymentEvent::CleanupLeft
    };
    cp.transact("clean_up::receipt", ctx, |tx: Tx| {
        let text = &text;
        let receipt = &receipt;
        async move {
            let tx = &tx;
            store::deployments::learn(
                tx,
                &job.row,
                &Learnt {
                    receipt: Some(text.clone()),
                    ..Learnt::default()
                },
            )
            .await?;
            forget_image(tx, &job.row).await?;
            receipt::note(tx, ctx, &job.agent.slug, &job.row, receipt).await?;
            let moved = deployments::advance(tx, ctx, &job.row, event).await?;
            if clean {
                Ok(())
            } else {
                store::deployments::release(tx, moved.id, moved.fence, next_attempt(ctx.now(), 4))
                    .await
            }
        }
    })
    .await
}

/// A version whose image was removed is built again when it is deployed again.
async fn forget_image(tx: &Tx, row: &deployment::Model) -> Result<(), Error> {
    let gone = store::resources::of(&**tx, row.id).await?;
    let removed = gone.iter().any(|r| {
        r.kind == ResourceKind::Image
            && r.origin == Origin::Created
            && r.state == ResourceState::Deleted
    });
    if removed {
        store::versions::clear_image(tx, row.version_id).await
    } else {
        Ok(())
    }
}

/// Removes every resource of a deployment that is asked to go, identity first.
async fn remove_all(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    agent: &str,
) -> Result<(), Error> {
    let mut due: Vec<resource::Model> = store::resources::of(cp.reader(), row.id)
        .await?
        .into_iter()
        .filter(|r| {
            matches!(
                r.state,
                ResourceState::DeleteRequested | ResourceState::Orphaned
            ) && r.origin == Origin::Created
        })
        .collect();
    due.sort_by_key(|r| (r.kind.teardown_rank(), std::cmp::Reverse(r.sequence)));
    for resource in due {
        remove(cp, ctx, row, agent, &resource).await?;
    }
    Ok(())
}

async fn remove(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    agent: &str,
    resource: &resource::Model,
) -> Result<(), Error> {
    if resource.kind == ResourceKind::Image && used_elsewhere(cp, row).await? {
        return settle(cp, ctx, row, agent, resource, ResourceEvent::Retained).await;
    }
    match delete(cp, resource).await {
        Ok(()) => settle(cp, ctx, row, agent, resource, ResourceEvent::Deleted).await,
        Err(error) => postpone(cp, ctx, resource, &error).await,
    }
}

/// Removes again what the ledger says is gone, after a worker that was overtaken came back from a call that creates. Every
/// removal may be repeated, so nothing is written.
pub(super) async fn remove_late(cp: &ControlPlane, row: &deployment::Model) -> Result<(), Error> {
    let current = store::deployments::get(cp.reader(), row.id).await?;
    if current.fence == row.fence || current.state.in_progress() {
        return Ok(());
    }
    let unavailable = |e: PortError| Error::Unavailable {
        dependency: "provider",
        source: e.into(),
    };
    for resource in store::resources::of(cp.reader(), row.id).await? {
        let ours = resource.origin == Origin::Created && resource.state == ResourceState::Deleted;
        if ours && !(resource.kind == ResourceKind::Image && used_elsewhere(cp, row).await?) {
            delete(cp, &resource).await.map_err(unavailable)?;
        }
    }
    Ok(())
}

async fn delete(cp: &ControlPlane, resource: &resource::Model) -> Result<(), PortError> {
    match resource.kind {
        ResourceKind::Identity => cp.ports().identity_provider.revoke(&resource.name).await,
        ResourceKind::Runtime => cp.ports().runtime.remove(&resource.name).await,
        ResourceKind::Image => cp.ports().image_builder.remove(&resource.name).await,
    }
}

/// Is the version's image in the use of another deployment: one on its way, a live one, or one that a rollback restores?
async fn used_elsewhere(cp: &ControlPlane, row: &deployment::Model) -> Result<bool, Error> {
    let agent = store::agents::get(cp.reader(), row.agent_id).await?;
    let others = store::deployments::of_version(cp.reader(), row.version_id).await?;
    Ok(others.iter().any(|d| {
        let target = d.live_at.is_some() && agent.decommissioned_at.is_none();
        d.id != row.id && (d.state.in_progress() || d.state.entitles_identity() || target)
    }))
}

/// Asks for the removal of the version's image where an earlier deployment kept it for this one, and nobody needs it now.
async fn release_kept(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
) -> Result<(), Error> {
    let ledger = store::resources::of(cp.reader(), row.id).await?;
    let Some(image) = ledger.iter().find(|r| r.kind == ResourceKind::Image) else {
        return Ok(());
    };
    if used_elsewhere(cp, row).await? {
        return Ok(());
    }
    let named = store::resources::by_name(cp.reader(), ResourceKind::Image, &image.name).await?;
    for kept in named.iter().filter(|r| {
        r.deployment_id != row.id
            && r.origin == Origin::Created
            && r.state == ResourceState::Retained
    }) {
        cp.transact("clean_up::release", ctx, |tx: Tx| async move {
            let event = ResourceEvent::DeleteRequested;
            store::resources::transition(&tx, kept, event, ctx.now())
                .await
                .map(|_| ())
        })
        .await?;
    }
    Ok(())
}

/// Forgets the checkout of a version, unless another deployment of it may be reading from it.
pub(super) async fn discard_source(
    cp: &ControlPlane,
    row: &deployment::Model,
    agent: &agent::Model,
    commit: &str,
) -> Result<(), Error> {
    let others = store::deployments::of_version(cp.reader(), row.version_id).await?;
    if !others
        .iter()
        .any(|d| d.id != row.id && d.state.in_progress())
    {
        versions::discard(cp, agent, commit).await;
    }
    Ok(())
}

async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    agent: &str,
    resource: &resource::Model,
    event: ResourceEvent,
) -> Result<(), Error> {
    let action = if event == ResourceEvent::Deleted {
        AuditAction::ResourceDeleted
    } else {
        AuditAction::ResourceKept
    };
    cp.transact("clean_up::settle", ctx, |tx: Tx| async move {
        let tx = &tx;
        let mut current = resource.clone();
        if current.state == ResourceState::Orphaned {
            current.state = store::resources::transition(
                tx,
                &current,
                ResourceEvent::DeleteRequested,
                ctx.now(),
            )
            .await?;
        }
        store::resources::transition(tx, &current, event, ctx.now()).await?;
        let fact = Event::new(action, "resource", &resource.name)
            .agent(agent)
            .deployment(row.number)
            .with("kind", resource.kind);
        audit::append(tx, ctx, fact).await.map(|_| ())
    })
    .await
}

async fn postpone(
    cp: &ControlPlane,
    ctx: &OpCtx,
    resource: &resource::Model,
    error: &PortError,
) -> Result<(), Error> {
    let at = next_attempt(ctx.now(), resource.attempts + 1);
    metrics::counter!("clearance_cleanup_retries_total", "kind" => resource.kind.as_str())
        .increment(1);
    cp.transact("clean_up::postpone", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::resources::postpone(tx, resource, &error.message, at).await
    })
    .await
}

/// Removes what ended deployments (superseded, rolled back, decommissioned) leave, by the ledger alone.
#[derive(Debug)]
pub(crate) struct CleanUpEnded;

#[async_trait]
impl Worker for CleanUpEnded {
    fn name(&self) -> &'static str {
        "clean_up_ended"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let due = store::resources::due(cp.reader(), ctx.now(), 100).await?;
        let mut ids: Vec<_> = due.iter().map(|r| r.deployment_id).collect();
        ids.sort();
        ids.dedup();
        let mut worked = false;
        for row in store::deployments::many(cp.reader(), ids).await? {
            // Deployments with work of their own are cleaned up by their own step.
            if row.state.has_work() {
                continue;
            }
            let agent = store::agents::get(cp.reader(), row.agent_id).await?;
            remove_all(cp, &ctx, &row, &agent.slug).await?;
            worked |= finish(cp, &ctx, &row, &agent.slug).await?;
        }
        Ok(if worked { Status::Worked } else { Status::Idle })
    }
}

/// Writes the receipt of an ended deployment once nothing of it is left to remove.
async fn finish(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    agent: &str,
) -> Result<bool, Error> {
    let ledger = store::resources::of(cp.reader(), row.id).await?;
    if ledger
        .iter()
        .any(|r| r.state == ResourceState::DeleteRequested)
    {
        return Ok(false);
    }
    let receipt = receipt::write(cp, row).await?;
    let text = store::to_json(&receipt)?;
    cp.transact("clean_up::receipt", ctx, |tx: Tx| {
        let text = &text;
        let receipt = &receipt;
        async move {
            let tx = &tx;
            let current = store::deployments::get(&**tx, row.id).await?;
            store::deployments::learn(
                tx,
                &current,
                &Learnt {
                    receipt: Some(text.clone()),
                    ..Learnt::default()
                },
            )
            .await?;
            forget_image(tx, &current).await?;
            receipt::note(tx, ctx, agent, &current, receipt).await
        }
    })
    .await?;
    Ok(true)
}
