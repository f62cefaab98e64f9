//! What a person may do about drift: have what was approved put back, or bring what runs in by the way that every change
//! takes. Neither changes what was approved.

use domain::authz::{Action, Facts};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::finding::{FindingKind, FindingState};
use domain::form::finding::FindingForm;

use super::event;
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::store;
use crate::store::entity::{finding, revert};
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

/// Brings the version that runs in by the normal way: its promotion, with every gate and approval of production. Answers the
/// number of the deployment.
///
/// # Errors
/// [`Conflict::WrongState`] unless another version of the agent runs in production than was approved, and that version is live
/// in non-prod; as [`deployments::promote`] else.
pub async fn accept(cp: &ControlPlane, ctx: &OpCtx, form: &FindingForm) -> Result<i64, Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("findings::accept", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::findings::by_number(&**tx, number).await?;
        ctx.authorize_on(Action::Deploy, Facts { team: row.team_id }, "finding")?;
        let reason = form.reason()?;
        let refused = || Error::conflict(Conflict::WrongState);
        let agent = row.agent_id.ok_or_else(refused)?;
        if row.kind != FindingKind::DriftVersion || row.state != FindingState::Open {
            return Err(refused());
        }
        let pointer = store::live::get(&**tx, agent, Environment::NonProd).await?;
        let from =
            store::deployments::get(&**tx, pointer.ok_or_else(refused)?.deployment_id).await?;
        let version = store::versions::get(&**tx, from.version_id).await?;
        if version.image_digest.is_none() || version.image_digest != row.found {
            return Err(refused());
        }
        let agent = store::agents::get(&**tx, agent).await?;
        let promoted =
            deployments::promote_in(tx, ctx, &agent, &from, Some(reason.clone())).await?;
        let event = event(tx, AuditAction::DriftAccepted, &row).await?;
        let event = event.reason(&reason).with("promotion", promoted.number);
        audit::append(tx, ctx, event).await?;
        Ok(promoted.number)
    })
    .await
}
