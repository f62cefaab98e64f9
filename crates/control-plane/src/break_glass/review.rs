//! Post-reviews: closing them, and writing down that they are late.

use domain::approval::{Parties, may_decide};
use domain::authz::{Action, Facts};
use domain::break_glass::{PostReviewEvent, PostReviewState};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::break_glass::{ClosePostReview, PostReviewForm};
use domain::id::UserId;

use super::{event, person, review_minutes};
use crate::ControlPlane;
use crate::approvals::Roster;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, break_glass};
use crate::transact::Tx;

/// Closes a post-review, and wakes what it held up.
///
/// # Errors
/// [`Error::Excluded`] by separation of duties, whoever broke the glass among them, [`Conflict::AlreadyDecided`] when it is
/// closed, [`Conflict::WrongState`] while it is not known yet who had a part in the deployment.
pub async fn review(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &PostReviewForm,
) -> Result<PostReviewState, Error> {
    ctx.signed_in()?;
    let close = form.parse()?;
    cp.transact("break_glass::review", ctx, |tx: Tx| {
        let close = &close;
        async move {
            let tx = &tx;
            let row = store::break_glasses::by_number(&**tx, close.number).await?;
            let agent = store::agents::get(&**tx, row.agent_id).await?;
            let facts = Facts {
                team: Some(agent.team_id),
            };
            ctx.authorize_on(Action::Read, facts, "post-review")?;
            tx.concerns(&agent.slug, row.deployment_number);
            ctx.authorize(Action::Decide, facts)?;
            let by = person(ctx, Action::Decide)?;
            may_review(tx, ctx, &agent, &row).await?;
            ctx.signed_in_within(review_minutes(&**tx).await?)?;
            close_in(tx, ctx, &agent, &row, close, (by.0, &by.1)).await
        }
    })
    .await
}

async fn may_review(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &break_glass::Model,
) -> Result<(), Error> {
    if !row.state.is_open() {
        return Err(Error::conflict(Conflict::AlreadyDecided));
    }
    let parties: Parties = store::from_json(&row.parties)?;
    let roster = Roster::read(&**tx, ctx.now()).await?;
    let forbidden = Error::Forbidden {
        action: Action::Decide,
    };
    let Some(person) = roster.candidate(ctx.actor(), agent.team_id) else {
        return Err(forbidden);
    };
    may_decide(&person, &parties).map_err(Error::excluded)?;
    // Who wrote what is worked out when people would be asked; before that nobody can tell who had no part in it.
    let deployment = store::deployments::get(&**tx, row.deployment_id).await?;
    let known = store::approvals::of(&**tx, row.deployment_id)
        .await?
        .is_some();
    if deployment.state.in_progress() && !known {
        return Err(Error::conflict(Conflict::WrongState));
    }
    Ok(())
}

async fn close_in(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &break_glass::Model,
    close: &ClosePostReview,
    (id, name): (UserId, &str),
) -> Result<PostReviewState, Error> {
    let closed = Some((id, name, close.reason.as_str()));
    let now = ctx.now();
    let next = store::break_glasses::transition(tx, row, close.outcome, closed, now).await?;
    store::deployments::hurry_team(tx, row.team_id, now).await?;
    let late = row.state.at(now, row.due_at) == PostReviewState::Overdue;
    let event = event(AuditAction::PostReviewed, row, agent)
        .with("state", next)
        .with("late", late)
        .reason(&close.reason);
    audit::append(tx, ctx, event).await?;
    Ok(next)
}

/// Writes down what became late. Answers how many.
pub(crate) async fn lapse(cp: &ControlPlane, ctx: &OpCtx) -> Result<usize, Error> {
    let late = store::break_glasses::lapsed(cp.reader(), ctx.now()).await?;
    for row in &late {
        let noted = cp
            .transact("break_glass::lapse", ctx, |tx: Tx| async move {
                let tx = &tx;
                let (event_, now) = (PostReviewEvent::Lapsed, ctx.now());
                store::break_glasses::transition(tx, row, event_, None, now).await?;
                let agent = store::agents::get(&**tx, row.agent_id).await?;
                let fact = event(AuditAction::PostReviewOverdue, row, &agent);
                audit::append(tx, ctx, fact).await.map(|_| ())
            })
            .await;
        match noted {
            // Somebody closed it at the same moment.
            Ok(())
            | Err(Error::Conflict {
                why: Conflict::Changed,
            }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(late.len())
}
