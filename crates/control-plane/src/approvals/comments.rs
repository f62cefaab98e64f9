//! Comments on a waiting approval.

use domain::actor::Actor;
use domain::approval::ApprovalState;
use domain::authz::{Access, Action, Facts, can};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::approval::ApprovalForm;
use domain::id::CommentId;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::approval_comment;
use crate::transact::Tx;

/// Who may: those who deploy, decide or operate in the team. Readers and auditors change nothing.
pub(super) fn may(actor: &Actor, facts: Facts) -> bool {
    [Action::Deploy, Action::Decide, Action::Rollback]
        .into_iter()
        .any(|action| can(actor, action, facts) == Access::Allowed)
}

/// Writes a comment on an open approval.
///
/// # Errors
/// [`Conflict::AlreadyDecided`] once it is not open any more, [`Conflict::Full`] when there are too many.
pub async fn comment(cp: &ControlPlane, ctx: &OpCtx, form: &ApprovalForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let (number, text) = form.comment()?;
    cp.transact("approvals::comment", ctx, |tx: Tx| {
        let text = &text;
        async move {
            let tx = &tx;
            let asked = store::approvals::by_number(&**tx, number).await?;
            let agent = store::agents::get(&**tx, asked.agent_id).await?;
            let facts = Facts {
                team: Some(agent.team_id),
            };
            ctx.authorize_on(Action::Read, facts, "approval")?;
            let (Some(user), true) = (ctx.actor().user(), may(ctx.actor(), facts)) else {
                return Err(Error::Forbidden {
                    action: Action::Deploy,
                });
            };
            if asked.state != ApprovalState::Open {
                return Err(Error::conflict(Conflict::AlreadyDecided));
            }
            let there = store::approvals::comments(&**tx, vec![asked.id])
                .await?
                .len();
            if u64::try_from(there).unwrap_or(u64::MAX) >= store::approvals::COMMENTS_MAX {
                return Err(Error::conflict(Conflict::Full));
            }
            let row = approval_comment::Model {
                id: CommentId(ids::new()),
                approval_id: asked.id,
                user_id: user,
                user_name: ctx.actor().name().to_owned(),
                text: text.clone(),
                written_at: ctx.now(),
            };
            store::approvals::comment(tx, row).await?;
            let kind = AuditAction::ApprovalCommented;
            let event = Event::new(kind, "approval", number.to_string())
                .agent(&agent.slug)
                .deployment(number)
                .digest(Some(&asked.manifest_digest))
                .with("round", asked.round)
                .reason(text);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
