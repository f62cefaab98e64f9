//! Taking an approval back: the question while it is open, and the answer until it is used. Both end the deployment, and
//! what was made for it is removed.

use domain::actor::Actor;
use domain::approval::{ApprovalState, DecisionVerdict};
use domain::authz::{Access, Action, Facts, can};
use domain::deployment::DeploymentEvent;
use domain::error::Conflict;
use domain::form::approval::ApprovalForm;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments::end;
use crate::error::Error;
use crate::store;
use crate::store::entity::{approval, decision, deployment};
use crate::transact::Tx;

/// Takes an open question back. Whoever asked can, and whoever may cancel deployments.
///
/// # Errors
/// [`Conflict::AlreadyDecided`] once it is not open any more.
pub async fn withdraw(cp: &ControlPlane, ctx: &OpCtx, form: &ApprovalForm) -> Result<(), Error> {
    take_back(cp, ctx, form, "approvals::withdraw", ApprovalState::Open).await
}

/// Takes an approval back that was given and not used yet. Whoever gave it can, whoever asked, and whoever may cancel.
///
/// # Errors
/// [`Conflict::ApprovalUsed`] when the deployment has begun, [`Conflict::AlreadyDecided`] unless it was given.
pub async fn revoke(cp: &ControlPlane, ctx: &OpCtx, form: &ApprovalForm) -> Result<(), Error> {
    take_back(cp, ctx, form, "approvals::revoke", ApprovalState::Approved).await
}

async fn take_back(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ApprovalForm,
    name: &'static str,
    from: ApprovalState,
) -> Result<(), Error> {
    ctx.signed_in()?;
    let (number, reason) = form.taking_back()?;
    cp.transact(name, ctx, |tx: Tx| {
        let reason = &reason;
        async move {
            let tx = &tx;
            let asked = store::approvals::by_number(&**tx, number).await?;
            let team = store::agents::get(&**tx, asked.agent_id).await?.team_id;
            let facts = Facts { team: Some(team) };
            ctx.authorize_on(Action::Read, facts, "approval")?;
            let row = store::deployments::get(&**tx, asked.deployment_id).await?;
            let decisions = store::approvals::decisions(&**tx, asked.id).await?;
            if !may(ctx.actor(), facts, &asked, &row, &decisions) {
                return Err(Error::Forbidden {
                    action: Action::Rollback,
                });
            }
            if asked.state != from {
                let used =
                    from == ApprovalState::Approved && asked.state == ApprovalState::Consumed;
                return Err(Error::conflict(if used {
                    Conflict::ApprovalUsed
                } else {
                    Conflict::AlreadyDecided
                }));
            }
            let name = ctx.actor().name();
            let message = if from == ApprovalState::Open {
                format!("Withdrawn by {name}: {reason}")
            } else {
                format!("Approval revoked by {name}: {reason}")
            };
            end::end(tx, ctx, &row, DeploymentEvent::Cancelled, &message, None).await
        }
    })
    .await
}

/// May they take it back? A token only as far as it may write.
pub(super) fn may(
    actor: &Actor,
    facts: Facts,
    asked: &approval::Model,
    row: &deployment::Model,
    decisions: &[decision::Model],
) -> bool {
    let allowed = |action| can(actor, action, facts) == Access::Allowed;
    let user = actor.user();
    let requested = user.is_some() && row.requested_by_user == user && allowed(Action::Deploy);
    let gave = decisions.iter().any(|d| {
        d.approval_id == asked.id
            && d.verdict == DecisionVerdict::Approve
            && (Some(d.user_id) == user || (user.is_some() && d.on_behalf_of == user))
    });
    let gave = gave && asked.state != ApprovalState::Open && allowed(Action::Decide);
    allowed(Action::Rollback) || requested || gave
}
