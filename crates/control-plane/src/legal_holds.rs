//! Legal holds: what must be kept whatever the policy or the operator keeps no longer. A hold covers one agent, or everything.
//! Whoever removes something asks here first, in the same transaction.

use domain::authz::{Access, Action, Facts, can};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::legal_hold::{LegalHoldForm, ReleaseHoldForm};
use domain::id::{AgentId, LegalHoldId};
use domain::view::legal_hold::{LegalHoldList, LegalHoldRow};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::legal_hold;
use crate::transact::Tx;

/// Places a hold.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators of every team, [`Error::NotFound`] for an agent that is none,
/// [`Conflict::WrongState`] for what is held already.
pub async fn place(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &LegalHoldForm,
) -> Result<LegalHoldId, Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let reason = form.reason()?;
    let reason = &reason;
    cp.transact("legal_holds::place", ctx, |tx: Tx| async move {
        let tx = &tx;
        let agent = match form.agent.trim() {
            "" => None,
            slug => Some(store::agents::by_slug(&**tx, slug).await?),
        };
        let agent_id = agent.as_ref().map(|agent| agent.id);
        let key = store::legal_holds::open_key(agent_id);
        let held = store::legal_holds::in_force(&**tx).await?;
        if held.iter().any(|one| one.open_key.as_ref() == Some(&key)) {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let row = legal_hold::Model {
            id: LegalHoldId(ids::new()),
            agent_id,
            open_key: Some(key),
            reason: reason.clone(),
            placed_by: ctx.actor().name().to_owned(),
            placed_at: ctx.now(),
            released_by: None,
            release_reason: None,
            released_at: None,
        };
        let id = row.id;
        store::legal_holds::insert(tx, row).await?;
        let slug = agent.as_ref().map(|agent| agent.slug.as_str());
        let event = event(AuditAction::LegalHoldPlaced, id, slug).reason(reason);
        audit::append(tx, ctx, event).await?;
        Ok(id)
    })
    .await
}

/// Releases a hold: what it kept may be removed again.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators of every team, [`Error::NotFound`] for a hold that is none,
/// [`Conflict::WrongState`] for one that was released.
pub async fn release(cp: &ControlPlane, ctx: &OpCtx, form: &ReleaseHoldForm) -> Result<(), Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let (id, reason) = form.parse()?;
    let reason = &reason;
    cp.transact("legal_holds::release", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::legal_holds::get(&**tx, id).await?;
        if row.open_key.is_none() {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let by = ctx.actor().name();
        store::legal_holds::release(tx, id, (by, reason), ctx.now()).await?;
        let agent = match row.agent_id {
            Some(agent) => Some(store::agents::get(&**tx, agent).await?.slug),
            None => None,
        };
        let event = event(AuditAction::LegalHoldReleased, id, agent.as_deref()).reason(reason);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

fn event(action: AuditAction, id: LegalHoldId, agent: Option<&str>) -> Event {
    let event = Event::new(action, "legal_hold", id.to_string());
    match agent {
        Some(slug) => event.agent(slug),
        None => event.with("covers", "everything"),
    }
}

/// Every hold, newest first. Three statements.
///
/// # Errors
/// [`Error::Forbidden`] for people who do not read in every team.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<LegalHoldList, Error> {
    ctx.authorize(Action::Read, Facts::default())?;
    let rows = store::legal_holds::all(cp.reader()).await?;
    let agents = rows.iter().filter_map(|row| row.agent_id).collect();
    let agents = store::agents::many(cp.reader(), agents).await?;
    let rows = rows.into_iter().map(|row| LegalHoldRow {
        id: row.id.to_string(),
        agent: row.agent_id.and_then(|id| {
            let agent = agents.iter().find(|agent| agent.id == id);
            agent.map(|agent| agent.slug.clone())
        }),
        reason: row.reason,
        placed_by: row.placed_by,
        placed_at: store::time::text(row.placed_at),
        released_by: row.released_by,
        release_reason: row.release_reason,
        released_at: store::time::text_opt(row.released_at),
    });
    Ok(LegalHoldList {
        rows: rows.collect(),
        can_change: can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed,
    })
}

/// What may not be removed now.
#[derive(Debug)]
pub(crate) enum Held {
    Everything,
    Of(Vec<AgentId>),
}

impl Held {
    /// Read in the transaction that removes, so that a hold that was placed before it counts.
    pub(crate) async fn read(db: &impl ConnectionTrait) -> Result<Self, Error> {
        let holds = store::legal_holds::in_force(db).await?;
        let agents: Option<Vec<AgentId>> = holds.iter().map(|hold| hold.agent_id).collect();
        Ok(agents.map_or(Self::Everything, Self::Of))
    }

    /// Something is held.
    pub(crate) fn any(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Of(agents) => !agents.is_empty(),
        }
    }

    pub(crate) fn covers(&self, agent: AgentId) -> bool {
        match self {
            Self::Everything => true,
            Self::Of(agents) => agents.contains(&agent),
        }
    }
}
