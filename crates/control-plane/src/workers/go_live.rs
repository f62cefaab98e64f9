//! Going live: one transaction that compares the manifest once more, moves the registry's pointer, ends the predecessor's
//! identity, asks for its teardown, and opens the promotion when the policy says so.

use domain::deployment::{DeploymentEvent, DeploymentKind, LogLevel, Step};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::identity::IdentityState;
use domain::ledger::ResourceKind;
use domain::runtime::RuntimeHealth;

use super::check::current_digest;
use super::clean_up::discard_source;
use super::step::{Job, StepError};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments::{self, end};
use crate::error::Error;
use crate::gates;
use crate::incidents;
use crate::outgoing::{self, Said};
use crate::policies::{self, Whom};
use crate::registry;
use crate::store;
use crate::store::entity::deployment;
use crate::transact::Tx;

/// Makes a verified deployment live.
pub(crate) async fn go_live(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    let (_, digest) = current_digest(cp, job).await?;
    if job.row.authorised_digest.as_deref() != Some(digest.as_str()) {
        let message =
            "Blocked: the manifest changed while the deployment was verified. Nothing went live.";
        return Err(StepError::failed(Step::Live, message, Vec::new()));
    }
    let outcome = cp
        .transact("go_live", ctx, |tx: Tx| async move {
            let tx = &tx;
            switch(tx, ctx, job).await
        })
        .await?;
    let row = &job.row;
    match outcome {
        Switched::Live => {
            discard_source(cp, row, &job.agent, &job.version.commit_id).await?;
            Ok(())
        }
        Switched::Overtaken => Err(StepError::failed(
            Step::Live,
            "A newer version went live first. This one gave way.",
            Vec::new(),
        )),
        Switched::Held => Err(StepError::failed(
            Step::Live,
            "This version was rolled back while it was verified, and is held. Nothing went live.",
            Vec::new(),
        )),
        Switched::NoIdentity => Err(StepError::failed(
            Step::Identity,
            "The identity was revoked while the agent was verified.",
            Vec::new(),
        )),
    }
}

enum Switched {
    Live,
    Overtaken,
    Held,
    NoIdentity,
}

async fn switch(tx: &Tx, ctx: &OpCtx, job: &Job) -> Result<Switched, Error> {
    let row = &job.row;
    let agent = &store::agents::lock(tx, row.agent_id).await?;
    let active = store::identities::of(&**tx, row.id)
        .await?
        .is_some_and(|i| i.state == IdentityState::Active);
    if !active {
        return Ok(Switched::NoIdentity);
    }
    if store::versions::get(&**tx, row.version_id)
        .await?
        .held_at
        .is_some()
    {
        return Ok(Switched::Held);
    }
    let before = match store::live::get(&**tx, agent.id, row.environment).await? {
        Some(pointer) => Some(store::deployments::get(&**tx, pointer.deployment_id).await?),
        None => None,
    };
    // A rollback restores in the place of what it leaves, and of nothing that went live since.
    let overtaken = before.as_ref().is_some_and(|b| {
        b.number > row.number || row.rolls_back.is_some_and(|left| left != b.number)
    });
    if overtaken {
        return Ok(Switched::Overtaken);
    }
    let moved = deployments::advance(tx, ctx, row, DeploymentEvent::Verified).await?;
    store::live::point(tx, agent.id, row.environment, row.id, ctx.now()).await?;
    registry::keep(tx, agent.id).await?;
    store::deployments::set_health(tx, row.id, RuntimeHealth::Healthy, None, ctx.now()).await?;
    if let Some(before) = before {
        replace(tx, ctx, job, &before).await?;
    }
    outgoing::tag(tx, ctx, agent, &job.version, &moved, Some(row.environment)).await?;
    outgoing::status(tx, ctx, agent, &job.version, &moved, Said::Live).await?;
    store::log::write(
        tx,
        row.id,
        Step::Live,
        &[(
            LogLevel::Good,
            format!(
                "{} is live in {}",
                job.version.number,
                row.environment.label()
            ),
        )],
        ctx.now(),
    )
    .await?;
    if row.environment == Environment::NonProd && row.kind == DeploymentKind::Push {
        promote_when_proven(tx, ctx, job, &moved).await?;
    }
    Ok(Switched::Live)
}

/// Ends the predecessor: its identity now, its runtime by the ledger. Its image stays: it is what a rollback restores.
async fn replace(tx: &Tx, ctx: &OpCtx, job: &Job, before: &deployment::Model) -> Result<(), Error> {
    let rolled_back = job.row.rolls_back == Some(before.number);
    let event = if rolled_back {
        DeploymentEvent::RolledBack
    } else {
        DeploymentEvent::Superseded
    };
    let moved = deployments::advance(tx, ctx, before, event).await?;
    end::revoke_identity(tx, ctx, &job.agent, &moved).await?;
    end::request_teardown(
        tx,
        ctx,
        &moved,
        &[ResourceKind::Identity, ResourceKind::Runtime],
    )
    .await?;
    if !rolled_back {
        return Ok(());
    }
    let bad = store::versions::get(&**tx, before.version_id).await?;
    let reason = job.row.reason.clone().unwrap_or_default();
    let left = Event::new(
        AuditAction::RolledBack,
        "deployment",
        before.number.to_string(),
    )
    .agent(&job.agent.slug)
    .deployment(before.number)
    .reason(&reason)
    .with("to_version", &job.version.number)
    .with("by_deployment", job.row.number);
    audit::append(tx, ctx, left).await?;
    incidents::note_rolled_back(tx, ctx, &job.agent, before.number, job.row.number).await?;
    if bad.held_at.is_none() {
        store::versions::set_hold(tx, &bad, Some((ctx.now(), &reason))).await?;
        let held = Event::new(AuditAction::HoldSet, "version", &bad.number)
            .agent(&job.agent.slug)
            .reason(&reason);
        audit::append(tx, ctx, held).await?;
    }
    Ok(())
}

/// Opens the promotion to production when every gate it needs is satisfied.
async fn promote_when_proven(
    tx: &Tx,
    ctx: &OpCtx,
    job: &Job,
    live: &deployment::Model,
) -> Result<(), Error> {
    let whom = Whom::of(&**tx, &job.agent, &job.version).await?;
    let policy = policies::current(&**tx, &whom).await?;
    let judged_by = policies::of(&**tx, live.policy_version, &whom).await?;
    let runs = store::gates::of(&**tx, live.id).await?;
    let counted = gates::for_production(&**tx, &job.agent, &runs, ctx.now()).await?;
    let results = counted.counting(&policy.production, ctx.now());
    let open = policy.unproven(&results, &judged_by);
    if !policy.promote_when_proven || !open.is_empty() {
        let names: Vec<&str> = open.iter().map(|g| g.label()).collect();
        let line = format!("Not promoted: production also needs {}.", names.join(", "));
        return store::log::write(
            tx,
            live.id,
            Step::Live,
            &[(LogLevel::Warn, line)],
            ctx.now(),
        )
        .await;
    }
    match deployments::promote_in(tx, ctx, &job.agent, live, None).await {
        // The same version was pushed again while people are still asked about it.
        Err(Error::Conflict {
            why: Conflict::WrongState,
        }) => {
            let line = "Not promoted again: a promotion of this version is on its way.".to_owned();
            store::log::write(
                tx,
                live.id,
                Step::Live,
                &[(LogLevel::Text, line)],
                ctx.now(),
            )
            .await
        }
        other => other.map(|_| ()),
    }
}
