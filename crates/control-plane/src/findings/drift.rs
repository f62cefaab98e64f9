//! What a person may do about drift: have what was approved put back, or bring what runs in by the way that every change
//! takes. Neither changes what was approved.

use domain::authz::{Action, Facts};
use domain::drift;
use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::finding::{FindingKind, FindingState};
use domain::form::finding::FindingForm;
use sea_orm::ConnectionTrait;

use super::{event, said};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::store;
use crate::store::entity::{deployment, finding, revert};
use crate::transact::Tx;

/// Has what was approved put back: the scopes, or a runtime from the approved image with the approved settings. The agent
/// does not answer while it is started anew.
///
/// # Errors
/// [`Conflict::WrongState`] for what is no drift of a live deployment or is not open; a reason that is missing.
pub async fn revert(cp: &ControlPlane, ctx: &OpCtx, form: &FindingForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("findings::revert", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::findings::by_number(&**tx, number).await?;
        ctx.authorize_on(Action::Rollback, Facts { team: row.team_id }, "finding")?;
        let reason = form.reason()?;
        if !can_revert(&row) {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let asked = revert::Model {
            finding_id: row.id,
            asked_by: ctx.actor().name().to_owned(),
            reason: reason.clone(),
            asked_at: ctx.now(),
            done_at: None,
            last_error: None,
            attempts: 0,
            next_attempt_at: ctx.now(),
        };
        store::reverts::ask(tx, asked).await?;
        let event = event(tx, AuditAction::DriftRevertAsked, &row).await?;
        audit::append(tx, ctx, event.reason(&reason)).await?;
        Ok(())
    })
    .await
}

/// Drift of a live deployment that is open. What Clearance did not start it does not stop.
pub(super) fn can_revert(row: &finding::Model) -> bool {
    let ours = row.kind.is_drift() && row.kind != FindingKind::UnregisteredRuntime;
    ours && row.state == FindingState::Open
}

/// What a promotion would begin with, to have what was found as a normal change: the version that is live in non-prod, if it
/// has exactly that, the image or the scopes. Of settings no value is kept, so of no version can it be told that it has what
/// was found; and an endpoint is not a version's to say.
pub(super) async fn candidate(
    db: &impl ConnectionTrait,
    row: &finding::Model,
) -> Result<Option<deployment::Model>, Error> {
    let kinds = matches!(
        row.kind,
        FindingKind::DriftVersion | FindingKind::DriftScopes
    );
    let (Some(agent), true) = (row.agent_id, kinds && row.state == FindingState::Open) else {
        return Ok(None);
    };
    let Some(pointer) = store::live::get(db, agent, Environment::NonProd).await? else {
        return Ok(None);
    };
    let from = store::deployments::get(db, pointer.deployment_id).await?;
    let version = store::versions::get(db, from.version_id).await?;
    let has = if row.kind == FindingKind::DriftScopes {
        let scopes: Vec<String> = store::from_json(&version.scopes)?;
        Some(said(&drift::list(&scopes)))
    } else {
        version.image_digest
    };
    Ok((has.is_some() && has == row.found).then_some(from))
}

/// Brings what runs in by the normal way: the promotion of a version that has it, with every gate and approval of production.
/// Answers the number of the deployment.
///
/// # Errors
/// [`Conflict::WrongState`] unless another image or other scopes than were approved are there in production, and the version
/// that is live in non-prod has the same; as [`deployments::promote`] else.
pub async fn accept(cp: &ControlPlane, ctx: &OpCtx, form: &FindingForm) -> Result<i64, Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("findings::accept", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::findings::by_number(&**tx, number).await?;
        ctx.authorize_on(Action::Deploy, Facts { team: row.team_id }, "finding")?;
        let reason = form.reason()?;
        let refused = || Error::conflict(Conflict::WrongState);
        let from = candidate(&**tx, &row).await?.ok_or_else(refused)?;
        let agent = store::agents::get(&**tx, from.agent_id).await?;
        let promoted =
            deployments::promote_in(tx, ctx, &agent, &from, Some(reason.clone())).await?;
        let event = event(tx, AuditAction::DriftAccepted, &row).await?;
        let event = event.reason(&reason).with("promotion", promoted.number);
        audit::append(tx, ctx, event).await?;
        Ok(promoted.number)
    })
    .await
}
