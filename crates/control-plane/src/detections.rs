//! Looks at sources for onboarding: ordered when a person registers an agent or asks for another, done by a worker
//! (`workers/look_at_sources`), and shown with what is missing for the first deployment. A look reads; it decides nothing.

use domain::authz::Action;
use domain::detection::LookState;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::agent::LookForm;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::topic::Topic;
use crate::transact::Tx;

mod read;

pub use read::{proposal, setup};

/// What changes when a look begins or ends: the page of its agent.
pub(crate) fn topic(slug: &str) -> Topic {
    Topic::new("agent", slug)
}

/// Orders another look. While one is under way, it is that one.
///
/// # Errors
/// [`Error::NotFound`] for an agent that is not there or not to be seen, [`Error::Forbidden`] without the right to change it,
/// [`Conflict::Decommissioned`] when it has ended.
pub async fn look_again(cp: &ControlPlane, ctx: &OpCtx, form: &LookForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("detections::look_again", ctx, |tx: Tx| async move {
        let tx = &tx;
        let agent = store::agents::by_slug(&**tx, form.agent.trim()).await?;
        ctx.authorize_on(Action::Modify, reading::of(&agent), "agent")?;
        // Two clicks at once take turns here, so that the second finds the order of the first.
        let agent = store::agents::lock(tx, agent.id).await?;
        if agent.decommissioned_at.is_some() {
            return Err(Error::conflict(Conflict::Decommissioned));
        }
        match store::detections::of(&**tx, agent.id).await? {
            Some(row) if row.state == LookState::Ordered => return Ok(()),
            Some(row) => store::detections::order_again(tx, &row, ctx.now()).await?,
            None => store::detections::insert(tx, agent.id, ctx.now()).await?,
        }
        tx.touch(topic(&agent.slug));
        let event = Event::new(AuditAction::LookOrdered, "agent", &agent.slug)
            .agent(&agent.slug)
            .with("repository", &agent.repository)
            .with("branch", &agent.branch);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}
