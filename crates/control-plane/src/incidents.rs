//! Incidents: opened by a person on an agent or by Clearance itself, owned, mitigated, and closed with what was learnt. What
//! happened is the audit trail of the agent; nothing is kept twice.

use domain::authz::{Action, Facts};
use domain::environment::Environment;
use domain::event::AuditAction;
use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::id::IncidentId;
use domain::incident::{IncidentCause, IncidentEvent, IncidentState, TITLE_MAX, quoted};
use domain::text::{cut, visible};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{agent, deployment, incident, live_failure};
use crate::store::incidents::Note;
use crate::transact::Tx;

mod read;

pub(crate) use read::notes;
pub use read::{get, list};

/// Opens an incident on an agent. Answers its number.
///
/// # Errors
/// When a field is wrong, or the actor may not deploy in the agent's team.
pub async fn open(cp: &ControlPlane, ctx: &OpCtx, form: &OpenIncidentForm) -> Result<i64, Error> {
    ctx.signed_in()?;
    cp.transact("incidents::open", ctx, |tx: Tx| async move {
        let tx = &tx;
        let agent = store::agents::by_slug(&**tx, form.agent.trim()).await?;
        let facts = Facts {
            team: Some(agent.team_id),
        };
        ctx.authorize_on(Action::Deploy, facts, "agent")?;
        let asked = form.parse()?;
        let live = live_in(tx, &agent, asked.environment).await?;
        let row = incident::Model {
            environment: asked.environment,
            deployment: live.map(|row| row.number),
            owner_id: ctx.actor().user(),
            ..fresh(tx, ctx, &agent, &asked.title).await?
        };
        write(tx, ctx, &agent, &row).await?;
        Ok(row.number)
    })
    .await
}

async fn live_in(
    tx: &Tx,
    agent: &agent::Model,
    environment: Environment,
) -> Result<Option<deployment::Model>, Error> {
    match store::live::get(&**tx, agent.id, environment).await? {
        Some(pointer) => store::deployments::get(&**tx, pointer.deployment_id)
            .await
            .map(Some),
        None => Ok(None),
    }
}

async fn fresh(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    title: &str,
) -> Result<incident::Model, Error> {
    Ok(incident::Model {
        id: IncidentId(ids::new()),
        number: store::incidents::next_number(tx).await?,
        open_key: None,
        agent_id: agent.id,
        environment: Environment::Production,
        deployment: None,
        cause: IncidentCause::Person,
        state: IncidentState::Open,
        title: cut(&visible(title), TITLE_MAX),
        opened_by: ctx.actor().name().to_owned(),
        opened_at: ctx.now(),
        owner_id: None,
        mitigation: None,
        mitigated_at: None,
        lesson: None,
        closed_by: None,
        closed_at: None,
    })
}

async fn write(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &incident::Model,
) -> Result<(), Error> {
    store::incidents::insert(tx, row.clone()).await?;
    let event = event(AuditAction::IncidentOpened, agent, row)
        .reason(&row.title)
        .with("cause", row.cause)
        .with("environment", row.environment);
    audit::append(tx, ctx, event).await.map(|_| ())
}

fn event(action: AuditAction, agent: &agent::Model, row: &incident::Model) -> Event {
    let event = Event::new(action, "incident", quoted(row.number)).agent(&agent.slug);
    match row.deployment {
        Some(number) => event.deployment(number),
        None => event,
    }
}

/// Opens the incident of a live version that is judged bad, once. Answers its number.
pub(crate) async fn open_automatic(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    live: &deployment::Model,
    failing: &live_failure::Model,
) -> Result<i64, Error> {
    let key = format!("deployment {}", live.number);
    if let Some(known) = store::incidents::by_key(&**tx, &key).await? {
        return Ok(known.number);
    }
    let row = incident::Model {
        open_key: Some(key),
        environment: live.environment,
        deployment: Some(live.number),
        cause: failing.cause,
        ..fresh(tx, ctx, agent, &failing.what).await?
    };
    write(tx, ctx, agent, &row).await?;
    Ok(row.number)
}

/// What an incident is about was rolled back, so it does no harm any more.
pub(crate) async fn note_rolled_back(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    left: i64,
    by: i64,
) -> Result<(), Error> {
    for row in store::incidents::open_about(&**tx, left).await? {
        let text = format!("Rolled back by deployment #{by}.");
        advance(tx, ctx, agent, &row, IncidentEvent::Mitigated, &text).await?;
    }
    Ok(())
}

async fn advance(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &incident::Model,
    event_of: IncidentEvent,
    text: &str,
) -> Result<(), Error> {
    let note = Note {
        by: ctx.actor().name(),
        text,
        at: ctx.now(),
    };
    store::incidents::transition(tx, row, event_of, note).await?;
    let action = match event_of {
        IncidentEvent::Mitigated => AuditAction::IncidentMitigated,
        IncidentEvent::Reopened => AuditAction::IncidentReopened,
        IncidentEvent::Closed => AuditAction::IncidentClosed,
    };
    let event = event(action, agent, row).reason(text);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Finds an incident for somebody who acts on it.
pub(crate) async fn to_act_on(
    tx: &Tx,
    ctx: &OpCtx,
    number: i64,
) -> Result<(incident::Model, agent::Model), Error> {
    let row = store::incidents::by_number(&**tx, number).await?;
    let agent = store::agents::get(&**tx, row.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    ctx.authorize_on(Action::Rollback, facts, "incident")?;
    Ok((row, agent))
}

async fn act(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &IncidentForm,
    (name, event): (&'static str, IncidentEvent),
) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact(name, ctx, |tx: Tx| async move {
        let tx = &tx;
        let (row, agent) = to_act_on(tx, ctx, number).await?;
        let asked = form.parse()?;
        advance(tx, ctx, &agent, &row, event, &asked.reason).await
    })
    .await
}

/// Says what was done so that it does no harm any more.
///
/// # Errors
/// When the text is missing, it is not open, or the actor may not roll back in the agent's team.
pub async fn mitigate(cp: &ControlPlane, ctx: &OpCtx, form: &IncidentForm) -> Result<(), Error> {
    act(
        cp,
        ctx,
        form,
        ("incidents::mitigate", IncidentEvent::Mitigated),
    )
    .await
}

/// Says why it does harm again.
///
/// # Errors
/// As [`mitigate`]; it must be mitigated.
pub async fn reopen(cp: &ControlPlane, ctx: &OpCtx, form: &IncidentForm) -> Result<(), Error> {
    act(
        cp,
        ctx,
        form,
        ("incidents::reopen", IncidentEvent::Reopened),
    )
    .await
}

/// Ends it with what was found and learnt.
///
/// # Errors
/// As [`mitigate`]; it must be mitigated.
pub async fn close(cp: &ControlPlane, ctx: &OpCtx, form: &IncidentForm) -> Result<(), Error> {
    act(cp, ctx, form, ("incidents::close", IncidentEvent::Closed)).await
}

/// The actor takes it over.
///
/// # Errors
/// When it is closed, or the actor may not roll back in the agent's team.
pub async fn take_over(cp: &ControlPlane, ctx: &OpCtx, form: &IncidentForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("incidents::take_over", ctx, |tx: Tx| async move {
        let tx = &tx;
        let (row, agent) = to_act_on(tx, ctx, number).await?;
        let forbidden = Error::Forbidden {
            action: Action::Rollback,
        };
        let person = ctx.actor().user().ok_or(forbidden)?;
        store::incidents::set_owner(tx, &row, person).await?;
        let event = event(AuditAction::IncidentOwned, &agent, &row);
        audit::append(tx, ctx, event.with("owner", ctx.actor().name())).await?;
        Ok(())
    })
    .await
}
