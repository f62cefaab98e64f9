//! An identity that somebody wants to act on, with what it belongs to.

use domain::authz::Action;
use domain::event::AuditAction;

use crate::audit::Event;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, deployment, identity};
use crate::transact::Tx;

/// An identity with what it belongs to.
pub(super) struct Found {
    pub(super) identity: identity::Model,
    pub(super) agent: agent::Model,
    pub(super) deployment: deployment::Model,
}

/// The identity of this client id, for whoever may roll back.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or not to be seen, [`Error::Forbidden`] without the right.
pub(super) async fn to_act_on(tx: &Tx, ctx: &OpCtx, client_id: &str) -> Result<Found, Error> {
    let found = store::identities::by_client(&**tx, client_id.trim()).await?;
    let identity = found.ok_or(Error::NotFound { kind: "identity" })?;
    let agent = store::agents::get(&**tx, identity.agent_id).await?;
    ctx.authorize_on(Action::Rollback, reading::of(&agent), "identity")?;
    let deployment = store::deployments::get(&**tx, identity.deployment_id).await?;
    Ok(Found {
        identity,
        agent,
        deployment,
    })
}

/// What happened to it.
pub(super) fn event(action: AuditAction, found: &Found) -> Event {
    Event::new(action, "identity", &found.identity.client_id)
        .agent(&found.agent.slug)
        .deployment(found.deployment.number)
}
