//! Deploying: compares what was authorised with what is there now, then makes the identity and the runtime.

use domain::approval::{ApprovalEvent, ApprovalState};
use domain::deployment::{DeploymentEvent, DeploymentKind, LogLevel, Step};
use domain::environment::Environment;
use domain::event::AuditAction;
use domain::id::IdentityId;
use domain::identity::{IdentityEvent, IdentityState};
use domain::ledger::{Origin, ResourceKind};
use domain::manifest::ReleaseManifest;
use evidence::Authority;

use super::check::{current_digest, refuse_unmet};
use super::step::{Job, StepError, alive, plan_resource, resource_created, say};
use super::{names, order};
use crate::ControlPlane;
use crate::agents;
use crate::approvals;
use crate::attestations;
use crate::audit::{self, Event};
use crate::break_glass;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ids;
use crate::policies::{self, Whom};
use crate::ports::identity_provider::ProvidedIdentity;
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{approval, identity};
use crate::transact::Tx;

/// Deploying: identity first, so that the runtime starts with a principal of its own.
pub(crate) async fn deploy(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    answered_for(cp, job).await?;
    if !compare(cp, ctx, job).await? {
        return Ok(());
    }
    let provided = identity(cp, ctx, job).await?;
    runtime(cp, ctx, job, &provided).await
}

/// Nothing new goes live that nobody answers for. What a rollback restores was live already, and is not held up.
async fn answered_for(cp: &ControlPlane, job: &Job) -> Result<(), StepError> {
    let owner = agents::owner(cp.reader(), &job.agent).await?;
    match owner.filter(|owner| owner.left && job.row.kind != DeploymentKind::Rollback) {
        None => Ok(()),
        Some(owner) => {
            let message = format!(
                "{} answers for this agent and has no role in its team any more. Name another owner on its page, then deploy again.",
                owner.name
            );
            Err(StepError::failed(Step::Identity, message, Vec::new()))
        }
    }
}

/// Invariant 1: what would go live has, at this moment, the digest that was authorised. In production the approval is used up
/// here. False when people are asked again instead.
async fn compare(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<bool, StepError> {
    if job.version.held_at.is_some() {
        let message = "Blocked: this version is held after a rollback. Nothing was deployed.";
        return Err(StepError::failed(Step::Deploy, message, Vec::new()));
    }
    let (now, digest) = current_digest(cp, job).await?;
    if job.row.authorised_digest.as_deref() != Some(digest.as_str()) {
        stale(cp, ctx, job, &now).await?;
        return Ok(false);
    }
    if job.row.environment != Environment::Production {
        return Ok(true);
    }
    if job.row.restores.is_some() {
        restored(cp, ctx, job, &digest).await?;
        return Ok(true);
    }
    let whom = Whom::of(cp.reader(), &job.agent, &job.version).await?;
    let policy = policies::of(cp.reader(), job.row.policy_version, &whom).await?;
    let runs = store::gates::of(cp.reader(), job.row.id).await?;
    refuse_unmet(cp, ctx, job, &policy.production, &runs).await?;
    let covered = cp
        .transact("deploy::consume", ctx, |tx: Tx| {
            let digest = &digest;
            async move {
                let tx = &tx;
                // A worker that was overtaken uses nothing up.
                store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
                // What one person let through needs no approval; where both are there, both are used up.
                let broken = break_glass::use_up(tx, ctx, &job.agent, &job.row, digest).await?;
                let approval = store::approvals::of(&**tx, job.row.id).await?;
                let approval = approval.filter(|a| a.manifest_digest == *digest);
                let approved = match &approval {
                    Some(approval) => consume(tx, ctx, job, approval).await?,
                    None => false,
                };
                if approved || broken {
                    let authority = authority(approved);
                    attestations::decide(cp, tx, ctx, job.about(), digest, authority).await?;
                }
                Ok(approved || broken)
            }
        })
        .await?;
    if covered {
        Ok(true)
    } else {
        let message = "Blocked: there is no approval of this manifest. Nothing was deployed.";
        Err(StepError::failed(Step::Deploy, message, Vec::new()))
    }
}

/// By what something went to production. Where people approved it as well as one person, they are who answers for it.
const fn authority(approved: bool) -> Authority {
    if approved {
        Authority::Approval
    } else {
        Authority::BreakGlass
    }
}

/// Uses the approval up. False for one that does not stand.
async fn consume(
    tx: &Tx,
    ctx: &OpCtx,
    job: &Job,
    approval: &approval::Model,
) -> Result<bool, Error> {
    match approval.state {
        ApprovalState::Approved => {
            let event = ApprovalEvent::Consumed;
            approvals::settle(tx, ctx, &job.agent, approval, event, None).await?;
            Ok(true)
        }
        // A killed attempt of this same deployment has used it already.
        ApprovalState::Consumed => Ok(true),
        ApprovalState::Open
        | ApprovalState::Rejected
        | ApprovalState::Expired
        | ApprovalState::Withdrawn
        | ApprovalState::Stale
        | ApprovalState::Revoked
        | ApprovalState::ExpiredUnused => Ok(false),
    }
}

/// What a rollback restores was let go before: under the approval of that deployment, or by one person without it.
async fn restored(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    digest: &str,
) -> Result<(), StepError> {
    cp.transact("deploy::restored", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
        let restored = job.row.restores.unwrap_or_default();
        let restored = store::deployments::by_number(&**tx, restored).await?;
        let approval = store::approvals::of(&**tx, restored.id).await?;
        let approved = approval.is_some_and(|a| a.state == ApprovalState::Consumed);
        let authority = authority(approved);
        attestations::decide(cp, tx, ctx, job.about(), digest, authority).await
    })
    .await?;
    Ok(())
}

/// What was authorised is not what would go live. An approval that nothing has used is stale, with the fields named, and
/// people are asked again: a new round under the same number. What people did not authorise, or what was begun already, ends.
async fn stale(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    now: &ReleaseManifest,
) -> Result<(), StepError> {
    let approved: Option<ReleaseManifest> = job
        .row
        .manifest
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let fields = approved.map_or_else(Vec::new, |a| a.differing_fields(now));
    let fields = fields.join(", ");
    let asked_again = cp
        .transact("deploy::stale", ctx, |tx: Tx| {
            let fields = &fields;
            async move { ask_again(&tx, ctx, job, fields).await }
        })
        .await?;
    if asked_again {
        return Ok(());
    }
    let message = format!(
        "Blocked: the manifest changed after it was authorised ({fields}). Nothing was deployed."
    );
    Err(StepError::failed(Step::Deploy, message, Vec::new()))
}

/// True when there was an approval to ask anew for.
async fn ask_again(tx: &Tx, ctx: &OpCtx, job: &Job, fields: &str) -> Result<bool, Error> {
    // A worker that was overtaken sends nothing back.
    store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
    let approval = store::approvals::of(&**tx, job.row.id).await?;
    let unused = |a: &approval::Model| a.state == ApprovalState::Approved;
    let Some(approval) = approval.filter(unused) else {
        return Ok(false);
    };
    let reason = format!("Changed since it was approved: {fields}.");
    let event = ApprovalEvent::ManifestChanged;
    approvals::settle(tx, ctx, &job.agent, &approval, event, Some(&reason)).await?;
    let line = format!("{reason} People are asked again; nothing was deployed.");
    let lines = [(LogLevel::Warn, line)];
    store::log::write(tx, job.row.id, Step::Approval, &lines, ctx.now()).await?;
    deployments::advance(tx, ctx, &job.row, DeploymentEvent::ManifestChanged).await?;
    Ok(true)
}

async fn identity(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
) -> Result<ProvidedIdentity, StepError> {
    let order = order::identity(&job.agent, &job.version, &job.row)?;
    let (client_id, scopes) = (order.client_id.clone(), order.scopes.clone());
    let resource = plan_resource(
        cp,
        ctx,
        job,
        ResourceKind::Identity,
        &client_id,
        Origin::Created,
    )
    .await?;
    let row = identity_row(cp, ctx, job, &client_id).await?;
    let provided = alive(cp, ctx, job, Step::Identity, |_| async move {
        cp.ports().identity_provider.provision(&order).await
    })
    .await?;
    let provided = provided.map_err(|e| StepError::port(Step::Identity, &e))?;
    cp.transact("deploy::identity", ctx, |tx: Tx| {
        let scopes = &scopes;
        let row = &row;
        let resource = &resource;
        let provided = &provided;
        let client_id = &client_id;
        async move {
            let tx = &tx;
            store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
            resource_created(tx, ctx, job, resource, None).await?;
            if row.state != IdentityState::Provisioning {
                return Ok(());
            }
            store::identities::set_key(tx, row.id, &provided.public_jwk).await?;
            store::identities::transition(tx, row, IdentityEvent::Provisioned, ctx.now()).await?;
            let event = Event::new(
                AuditAction::IdentityProvisioned,
                "identity",
                client_id.as_str(),
            )
            .agent(&job.agent.slug)
            .deployment(job.row.number)
            .with("scopes", scopes.join(" "));
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await?;
    say(
        cp,
        ctx,
        job,
        Step::Identity,
        LogLevel::Good,
        format!("Identity {client_id} with {} scopes", scopes.len()),
    )
    .await?;
    Ok(provided)
}

/// The identity's row, written before the provider is called.
async fn identity_row(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    client_id: &str,
) -> Result<identity::Model, Error> {
    cp.transact("deploy::plan_identity", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
        if let Some(known) = store::identities::of(&**tx, job.row.id).await? {
            return Ok(known);
        }
        let row = identity::Model {
            id: IdentityId(ids::new()),
            deployment_id: job.row.id,
            agent_id: job.agent.id,
            client_id: client_id.to_owned(),
            public_jwk: String::new(),
            scopes: job.version.scopes.clone(),
            state: IdentityState::Provisioning,
            created_at: ctx.now(),
            revoked_at: None,
        };
        store::identities::insert(tx, row.clone()).await?;
        Ok(row)
    })
    .await
}

async fn runtime(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    provided: &ProvidedIdentity,
) -> Result<(), StepError> {
    let name = names::runtime(job.row.number);
    let resource =
        plan_resource(cp, ctx, job, ResourceKind::Runtime, &name, Origin::Created).await?;
    let order = order::runtime(cp, &job.agent, &job.version, &job.row, provided)?;
    let started = alive(cp, ctx, job, Step::Deploy, |_| async move {
        cp.ports().runtime.start(order).await
    })
    .await?;
    let started = started.map_err(|e| StepError::port(Step::Deploy, &e))?;
    say(
        cp,
        ctx,
        job,
        Step::Deploy,
        LogLevel::Good,
        format!("Runtime {} at {}", started.name, started.endpoint),
    )
    .await?;
    cp.transact("deploy::done", ctx, |tx: Tx| {
        let started = &started;
        let resource = &resource;
        async move {
            let tx = &tx;
            resource_created(tx, ctx, job, resource, job.version.image_digest.as_deref()).await?;
            let learnt = Learnt {
                endpoint: Some(Some(started.endpoint.clone())),
                ..Learnt::default()
            };
            store::deployments::learn(tx, &job.row, &learnt).await?;
            deployments::advance(tx, ctx, &job.row, DeploymentEvent::Deployed)
                .await
                .map(|_| ())
        }
    })
    .await?;
    Ok(())
}
