//! Who answers for an agent: one person of its team. Nothing new goes live for an agent whose owner has left, and after a
//! while its identities are suspended (`workers/watch_owners.rs`). A rollback is never held up by it.

use domain::authz::Action;
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::agent::OwnerForm;
use domain::view::agent::OwnerView;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::people;
use crate::reading;
use crate::registry;
use crate::store;
use crate::store::entity::agent;
use crate::transact::Tx;

/// Names the owner of an agent. Named again, nothing happens.
///
/// # Errors
/// [`Error::NotFound`] for an agent that is not there or not to be seen, [`Error::Forbidden`] without the right to change it,
/// [`FieldProblem::UnknownChoice`] for who has no role in its team.
pub async fn set_owner(cp: &ControlPlane, ctx: &OpCtx, form: &OwnerForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("agents::set_owner", ctx, |tx: Tx| async move {
        let tx = &tx;
        let agent = store::agents::by_slug(&**tx, form.agent.trim()).await?;
        ctx.authorize_on(Action::Modify, reading::of(&agent), "agent")?;
        let missing = || ValidationErrors::one("owner", FieldProblem::Required);
        let named = people::member(&**tx, &form.owner, Some(agent.team_id)).await?;
        let (id, name) = named.ok_or_else(missing)?;
        let before = store::agent_owners::of(&**tx, agent.id).await?;
        if before.is_some_and(|row| row.user_id == id) {
            return Ok(());
        }
        store::agent_owners::name(tx, agent.id, id, ctx.now()).await?;
        registry::keep(tx, agent.id).await?;
        let event = Event::new(AuditAction::AgentOwnerChanged, "agent", &agent.slug)
            .agent(&agent.slug)
            .with("owner", name)
            .with("owner_id", id);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Who answers for an agent, and whether they are still there. Three statements.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn owner(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
) -> Result<Option<OwnerView>, Error> {
    let Some(row) = store::agent_owners::of(db, agent.id).await? else {
        return Ok(None);
    };
    let person = store::people::get(db, row.user_id).await?;
    let member = store::people::member(db, row.user_id, Some(agent.team_id)).await?;
    Ok(person.map(|person| OwnerView {
        id: person.id.to_string(),
        name: person.name,
        left: member.is_none(),
    }))
}
