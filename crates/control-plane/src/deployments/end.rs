//! Ending a deployment: one transaction that moves the state, withdraws its approval, revokes its identity, asks for the
//! teardown of what it created, and tells the team.

use domain::approval::{ApprovalEvent, ApprovalState};
use domain::deployment::{DeploymentEvent, Step};
use domain::event::AuditAction;
use domain::identity::{IdentityEvent, IdentityState};
use domain::ledger::{Origin, ResourceEvent, ResourceKind, ResourceState};
use domain::view::deployment::Failure;

use crate::approvals;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::outgoing::{self, Said};
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{agent, deployment};
use crate::transact::Tx;

/// Ends a deployment that did not become live.
pub(crate) async fn end(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
    event: DeploymentEvent,
    message: &str,
    failure: Option<Failure>,
) -> Result<(), Error> {
    let agent = store::agents::get(&**tx, row.agent_id).await?;
    let version = store::versions::get(&**tx, row.version_id).await?;
    let failure = failure.unwrap_or_else(|| Failure {
        step: step_of(row),
        message: message.to_owned(),
        findings: Vec::new(),
    });
    store::deployments::learn(
        tx,
        row,
        &Learnt {
            failure: Some(store::to_json(&failure)?),
            ..Learnt::default()
        },
    )
    .await?;
    let moved = super::advance(tx, ctx, row, event).await?;
    if let Some(approval) = store::approvals::of(&**tx, row.id).await?
        && matches!(
            approval.state,
            ApprovalState::Open | ApprovalState::Approved
        )
        && let Some(event) = approval_event(event)
    {
        let reason = Some(failure.message.as_str());
        approvals::settle(tx, ctx, &agent, &approval, event, reason).await?;
    }
    revoke_identity(tx, ctx, &agent, &moved).await?;
    request_teardown(
        tx,
        ctx,
        &moved,
        &[
            ResourceKind::Identity,
            ResourceKind::Runtime,
            ResourceKind::Image,
        ],
    )
    .await?;
    let said = if event == DeploymentEvent::Errored {
        Said::Errored(&failure.message)
    } else {
        Said::Ended(&failure.message)
    };
    outgoing::status(tx, ctx, &agent, &version, &moved, said).await?;
    store::log::write(
        tx,
        row.id,
        failure.step,
        &[(domain::deployment::LogLevel::Bad, failure.message.clone())],
        ctx.now(),
    )
    .await
}

/// The step a deployment was in, for a failure that does not say.
fn step_of(row: &deployment::Model) -> Step {
    use domain::deployment::DeploymentState as S;
    match row.state {
        S::Queued => Step::Source,
        S::Building => Step::Build,
        S::Checking => Step::StaticAnalysis,
        S::AwaitingApproval => Step::Approval,
        S::Deploying => Step::Deploy,
        S::Verifying => Step::Health,
        S::Live | S::Superseded | S::RolledBack | S::Decommissioned => Step::Live,
        S::Failed
        | S::Errored
        | S::Rejected
        | S::Expired
        | S::Cancelled
        | S::CleaningUp
        | S::Cleaned
        | S::CleanupIncomplete => Step::CleanUp,
    }
}

/// What the end of a deployment does to its approval.
const fn approval_event(event: DeploymentEvent) -> Option<ApprovalEvent> {
    match event {
        DeploymentEvent::Rejected => Some(ApprovalEvent::Rejected),
        DeploymentEvent::Expired => Some(ApprovalEvent::Expired),
        DeploymentEvent::Cancelled | DeploymentEvent::Failed | DeploymentEvent::Errored => {
            Some(ApprovalEvent::Withdrawn)
        }
        DeploymentEvent::BuildStarted
        | DeploymentEvent::ImageReady
        | DeploymentEvent::RollbackCleared
        | DeploymentEvent::Built
        | DeploymentEvent::ChecksPassedAsk
        | DeploymentEvent::ChecksPassed
        | DeploymentEvent::Approved
        | DeploymentEvent::ManifestChanged
        | DeploymentEvent::Deployed
        | DeploymentEvent::Verified
        | DeploymentEvent::Superseded
        | DeploymentEvent::RolledBack
        | DeploymentEvent::Decommissioned
        | DeploymentEvent::CleanupStarted
        | DeploymentEvent::CleanedUp
        | DeploymentEvent::CleanupLeft => None,
    }
}

/// Makes the identity useless now, before anything else is torn down (invariant 7).
pub(crate) async fn revoke_identity(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
) -> Result<(), Error> {
    let Some(identity) = store::identities::of(&**tx, row.id).await? else {
        return Ok(());
    };
    if identity.state == IdentityState::Revoked {
        return Ok(());
    }
    store::identities::transition(tx, &identity, IdentityEvent::Revoked, ctx.now()).await?;
    let event = Event::new(
        AuditAction::IdentityRevoked,
        "identity",
        &identity.client_id,
    )
    .agent(&agent.slug)
    .deployment(row.number);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Asks for the removal of the image that the deployment created, also where it was kept for others.
pub(crate) async fn request_image_removal(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
) -> Result<(), Error> {
    for resource in store::resources::of(&**tx, row.id).await? {
        let ours = resource.origin == Origin::Created && resource.kind == ResourceKind::Image;
        let there = matches!(
            resource.state,
            ResourceState::Planned | ResourceState::Created | ResourceState::Retained
        );
        if ours && there {
            store::resources::transition(tx, &resource, ResourceEvent::DeleteRequested, ctx.now())
                .await?;
        }
    }
    Ok(())
}

/// Asks for the removal of what the deployment created, of the given kinds. Nothing else is ever touched (invariant 4).
pub(crate) async fn request_teardown(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
    kinds: &[ResourceKind],
) -> Result<(), Error> {
    for resource in store::resources::of(&**tx, row.id).await? {
        let ours = resource.origin == Origin::Created && kinds.contains(&resource.kind);
        if ours
            && matches!(
                resource.state,
                ResourceState::Planned | ResourceState::Created
            )
        {
            store::resources::transition(tx, &resource, ResourceEvent::DeleteRequested, ctx.now())
                .await?;
        }
    }
    Ok(())
}
