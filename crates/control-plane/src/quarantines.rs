//! Quarantine: a live deployment must not act, and can be let go again. Its identity is suspended in the same transaction as
//! it is asked for, so no token is given and every one that is out is inactive at once; suspending and stopping outside
//! follows (`workers/enforce_quarantines.rs`). The registry stays as it is.

use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::incident::IncidentForm;
use domain::id::QuarantineId;
use domain::identity::{IdentityEvent, IdentityState};
use domain::incident::{IncidentState, QuarantineEvent, QuarantineState, quoted};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::incidents;
use crate::registry;
use crate::store;
use crate::store::entity::{agent, deployment, incident, quarantine};
use crate::transact::Tx;

/// Puts what is live now, where the incident is, into quarantine.
///
/// # Errors
/// [`Conflict::WrongState`] when nothing is live there, it is in quarantine already, or the incident is closed.
pub async fn begin(cp: &ControlPlane, ctx: &OpCtx, form: &IncidentForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("quarantines::begin", ctx, |tx: Tx| async move {
        let tx = &tx;
        let (incident, agent) = incidents::to_act_on(tx, ctx, number).await?;
        let asked = form.parse()?;
        let agent = store::agents::lock(tx, agent.id).await?;
        if incident.state == IncidentState::Closed {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let live = live(tx, &agent, incident.environment).await?;
        if store::quarantines::of(&**tx, live.id).await?.is_some() {
            return Err(Error::conflict(Conflict::WrongState));
        }
        suspend(tx, ctx, &live).await?;
        let row = quarantine::Model {
            id: QuarantineId(ids::new()),
            incident_id: incident.id,
            deployment_id: live.id,
            open_key: Some(live.id.to_string()),
            state: QuarantineState::Requested,
            asked_by: ctx.actor().name().to_owned(),
            reason: asked.reason.clone(),
            asked_at: ctx.now(),
            in_force_at: None,
            over_at: None,
            last_error: None,
            attempts: 0,
            next_attempt_at: ctx.now(),
        };
        store::quarantines::insert(tx, row).await?;
        registry::keep(tx, agent.id).await?;
        let event = event(AuditAction::QuarantineBegun, &agent, &incident, &live);
        audit::append(tx, ctx, event.reason(&asked.reason)).await?;
        Ok(())
    })
    .await
}

async fn live(
    tx: &Tx,
    agent: &agent::Model,
    environment: Environment,
) -> Result<deployment::Model, Error> {
    let pointer = store::live::get(&**tx, agent.id, environment).await?;
    let pointer = pointer.ok_or(Error::conflict(Conflict::WrongState))?;
    store::deployments::get(&**tx, pointer.deployment_id).await
}

/// The identity is useless from here on: the token endpoint and introspection read this row.
async fn suspend(tx: &Tx, ctx: &OpCtx, live: &deployment::Model) -> Result<(), Error> {
    let identity = store::identities::of(&**tx, live.id).await?;
    let identity = identity.ok_or(Error::conflict(Conflict::WrongState))?;
    // One that a person suspended or revoked already cannot act either.
    if identity.state == IdentityState::Active {
        store::identities::transition(tx, &identity, IdentityEvent::Suspended, ctx.now()).await?;
    }
    Ok(())
}

fn event(
    action: AuditAction,
    agent: &agent::Model,
    incident: &incident::Model,
    row: &deployment::Model,
) -> Event {
    Event::new(action, "deployment", row.number.to_string())
        .agent(&agent.slug)
        .deployment(row.number)
        .with("incident", quoted(incident.number))
}

/// Lets what is in quarantine go again: its runtime is started and its identity usable as soon as both have answered.
///
/// # Errors
/// [`Conflict::WrongState`] when nothing of this incident is in quarantine.
pub async fn release(cp: &ControlPlane, ctx: &OpCtx, form: &IncidentForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("quarantines::release", ctx, |tx: Tx| async move {
        let tx = &tx;
        let (incident, agent) = incidents::to_act_on(tx, ctx, number).await?;
        let asked = form.parse()?;
        let all = store::quarantines::of_incident(&**tx, incident.id).await?;
        let row = all.into_iter().find(|q| q.state.holds());
        let row = row.ok_or(Error::conflict(Conflict::WrongState))?;
        store::quarantines::transition(tx, &row, QuarantineEvent::Lifted, ctx.now()).await?;
        let live = store::deployments::get(&**tx, row.deployment_id).await?;
        let event = event(AuditAction::QuarantineLifted, &agent, &incident, &live);
        audit::append(tx, ctx, event.reason(&asked.reason)).await?;
        Ok(())
    })
    .await
}

/// Notes what became of a quarantine outside, with the identity where it is usable again.
///
/// `resumed`: was the provider asked to resume the principal? It is not while a person holds it suspended. Where that has
/// ended since, nothing is noted, and the next look asks the provider.
pub(crate) async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    row: &quarantine::Model,
    event: QuarantineEvent,
    resumed: bool,
) -> Result<(), Error> {
    let live = store::deployments::get(&**tx, row.deployment_id).await?;
    if event == QuarantineEvent::Resumed && !let_act(tx, ctx, &live, resumed).await? {
        return Ok(());
    }
    store::quarantines::transition(tx, row, event, ctx.now()).await?;
    registry::keep(tx, live.agent_id).await?;
    let action = match event {
        QuarantineEvent::Enforced => AuditAction::QuarantineEnforced,
        QuarantineEvent::Resumed => AuditAction::QuarantineReleased,
        QuarantineEvent::DeploymentEnded => AuditAction::QuarantineOver,
        QuarantineEvent::Lifted => AuditAction::QuarantineLifted,
    };
    let agent = store::agents::get(&**tx, live.agent_id).await?;
    let event = Event::new(action, "deployment", live.number.to_string())
        .agent(&agent.slug)
        .deployment(live.number);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Makes the identity usable where nothing else holds it. False where the provider has to be asked first.
async fn let_act(
    tx: &Tx,
    ctx: &OpCtx,
    live: &deployment::Model,
    resumed: bool,
) -> Result<bool, Error> {
    // One at a time with the end of a suspension, which asks the same of quarantines.
    store::agents::lock(tx, live.agent_id).await?;
    let identity = store::identities::of(&**tx, live.id).await?;
    let identity = identity.ok_or(Error::conflict(Conflict::WrongState))?;
    // One that was revoked meanwhile stays revoked.
    if identity.state != IdentityState::Suspended {
        return Ok(true);
    }
    let held = store::suspensions::of(&**tx, identity.id).await?.is_some();
    if !held && resumed {
        store::identities::transition(tx, &identity, IdentityEvent::Resumed, ctx.now()).await?;
    }
    Ok(held || resumed)
}
