//! Time-boxed elevation: asking for a role in a team, answering, and ending it. While it is active it counts as a grant
//! wherever a session's grants are read ([`crate::people::actor`]), and ends by the clock; API tokens never gain by it.

use chrono::Duration;
use domain::actor::{Actor, Role};
use domain::approval::DecisionVerdict;
use domain::authz::{Action, Facts};
use domain::elevation::{ElevationEvent, ElevationState, REQUEST_HOURS, may_grant};
use domain::error::{Conflict, Exclusion, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::elevation::{AskElevation, ElevationDecisionForm, ElevationForm, TakeAwayForm};
use domain::id::{TeamId, UserId};
use domain::segregation::EVERY_TEAM;

use crate::ControlPlane;
use crate::approvals::Roster;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::policies;
use crate::store;
use crate::store::elevations::Step;
use crate::store::entity::elevation;
use crate::transact::Tx;

mod read;

pub(crate) use read::LastUses;
pub use read::{active, list};

/// A person with a session. Tokens neither ask nor answer: they never gain by elevation.
fn person(ctx: &OpCtx) -> Result<(UserId, String), Error> {
    ctx.signed_in()?;
    match ctx.actor() {
        Actor::User { id, name, .. } => Ok((*id, name.clone())),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => Err(Error::Forbidden {
            action: Action::Modify,
        }),
    }
}

/// Asks for a role in a team for some hours. Asked twice while it waits for an answer, it is one request. Answers its
/// number.
///
/// # Errors
/// [`Conflict::HeldAlready`] for a role that the person holds there, [`FieldProblem::OutOfRange`] for more hours than the
/// policy allows.
pub async fn request(cp: &ControlPlane, ctx: &OpCtx, form: &ElevationForm) -> Result<i64, Error> {
    let may = person(ctx);
    let (id, name) = cp.noted("elevations::request", ctx, may).await?;
    let asked = form.parse()?;
    cp.transact("elevations::request", ctx, |tx: Tx| {
        let (asked, name) = (&asked, &name);
        async move {
            let tx = &tx;
            let team = team_of(tx, ctx, &asked.team).await?;
            // The log lets one transaction at a time go on from here, so that two requests at once are one.
            store::audit::lock_size(tx).await?;
            let most = policies::document(&**tx).await?.elevation().hours;
            if asked.hours > most {
                return Err(ValidationErrors::one("hours", FieldProblem::OutOfRange).into());
            }
            let same = |row: &elevation::Model| row.role == asked.role && row.team_id == team;
            let open = store::elevations::open_of(&**tx, id, ctx.now()).await?;
            if let Some(row) = open
                .iter()
                .find(|row| same(row) && row.state == ElevationState::Requested)
            {
                return Ok(row.number);
            }
            if ctx.actor().roles(Some(team)).contains(&asked.role) || open.iter().any(same) {
                return Err(Error::conflict(Conflict::HeldAlready));
            }
            let row = write(tx, ctx, asked, (id, name), team).await?;
            Ok(row.number)
        }
    })
    .await
}

/// The team, if the person may see it.
async fn team_of(tx: &Tx, ctx: &OpCtx, slug: &str) -> Result<TeamId, Error> {
    let unknown = || ValidationErrors::one("team", FieldProblem::UnknownChoice);
    let found = store::people::team_by_slug(&**tx, slug).await?;
    let team = found.ok_or_else(unknown)?.id;
    let facts = Facts { team: Some(team) };
    ctx.authorize_on(Action::Read, facts, "team")?;
    Ok(team)
}

async fn write(
    tx: &Tx,
    ctx: &OpCtx,
    asked: &AskElevation,
    (id, name): (UserId, &str),
    team: TeamId,
) -> Result<elevation::Model, Error> {
    let now = ctx.now();
    let row = elevation::Model {
        id: ids::new(),
        number: store::elevations::next_number(tx).await?,
        user_id: id,
        user_name: name.to_owned(),
        role: asked.role,
        team_id: team,
        hours: i32::try_from(asked.hours).unwrap_or(1),
        reason: asked.reason.clone(),
        state: ElevationState::Requested,
        requested_at: now,
        until: now + Duration::hours(REQUEST_HOURS),
        decided_by: None,
        decided_by_name: None,
        decision_reason: None,
        decided_at: None,
        ended_by_name: None,
        ended_at: None,
        revision: 0,
    };
    store::elevations::insert(tx, row.clone()).await?;
    let event = event(AuditAction::ElevationRequested, &row)
        .with("team", &asked.team)
        .with("hours", asked.hours)
        .reason(&asked.reason);
    audit::append(tx, ctx, event).await?;
    Ok(row)
}

fn event(action: AuditAction, row: &elevation::Model) -> Event {
    Event::new(action, "elevation", row.number.to_string())
        .with("person", &row.user_name)
        .with("role", row.role)
}

/// The elevation, as the clock says that it is, if the actor may know of it: their own, or of a team that they read in.
async fn known(tx: &Tx, ctx: &OpCtx, number: i64) -> Result<elevation::Model, Error> {
    let mut row = store::elevations::by_number(&**tx, number).await?;
    if ctx.actor().user() != Some(row.user_id) {
        let facts = Facts {
            team: Some(row.team_id),
        };
        ctx.authorize_on(Action::Read, facts, "elevation")?;
    }
    row.state = row.state.at(ctx.now(), row.until);
    Ok(row)
}

/// Takes somebody else's answer. Given, the role is held from now on for the hours that were asked for.
///
/// # Errors
/// [`Error::Excluded`] for whoever asked, [`Error::Forbidden`] for who neither administers nor approves in the team,
/// [`Conflict::Changed`] when it was answered already or expired.
pub async fn decide(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ElevationDecisionForm,
) -> Result<ElevationState, Error> {
    let may = person(ctx);
    let (_, name) = cp.noted("elevations::decide", ctx, may).await?;
    let decide = form.parse()?;
    cp.transact("elevations::decide", ctx, |tx: Tx| {
        let (decide, name) = (&decide, &name);
        async move {
            let tx = &tx;
            let row = known(tx, ctx, decide.number).await?;
            let by = may_grant(ctx.actor(), row.team_id, row.user_id).map_err(Error::excluded)?;
            // One person with two accounts is one person.
            let roster = Roster::own_roles(&**tx).await?;
            let me = roster.candidate(ctx.actor(), row.team_id);
            if me.is_some_and(|me| me.accounts.contains(&row.user_id)) {
                return Err(Error::excluded(Exclusion::OwnElevation));
            }
            if row.state != ElevationState::Requested {
                return Err(Error::conflict(Conflict::Changed));
            }
            let now = ctx.now();
            let (event_, until) = match decide.verdict {
                DecisionVerdict::Approve => (
                    ElevationEvent::Approved,
                    now + Duration::hours(i64::from(row.hours)),
                ),
                DecisionVerdict::Reject => (ElevationEvent::Rejected, row.until),
            };
            let step = Step {
                event: event_,
                at: now,
                until,
                decided: Some((by, name)),
                reason: decide.reason.as_deref(),
                ended_by: Some(name),
            };
            let next = store::elevations::transition(tx, &row, &step).await?;
            let mut fact = event(AuditAction::ElevationDecided, &row)
                .with("verdict", decide.verdict)
                .with("until", store::time::text(until));
            if let Some(reason) = &decide.reason {
                fact = fact.reason(reason);
            }
            audit::append(tx, ctx, fact).await?;
            Ok(next)
        }
    })
    .await
}

/// Ends an active one, by either side, or takes a request back, by whoever asked. What is over stays as it is.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else.
pub async fn end(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ElevationDecisionForm,
) -> Result<ElevationState, Error> {
    let may = person(ctx);
    let (id, name) = cp.noted("elevations::end", ctx, may).await?;
    let number = form.number()?;
    cp.transact("elevations::end", ctx, |tx: Tx| {
        let name = &name;
        async move {
            let tx = &tx;
            let row = known(tx, ctx, number).await?;
            let own = row.user_id == id;
            if !own {
                may_grant(ctx.actor(), row.team_id, row.user_id).map_err(Error::excluded)?;
            }
            let happened = match row.state {
                ElevationState::Active => ElevationEvent::Ended,
                ElevationState::Requested if own => ElevationEvent::Withdrawn,
                // Somebody else's request is answered, not ended.
                ElevationState::Requested => return Err(Error::conflict(Conflict::WrongState)),
                ElevationState::Rejected
                | ElevationState::Withdrawn
                | ElevationState::Expired
                | ElevationState::Ended => return Ok(row.state),
            };
            close(tx, ctx, &row, happened, name).await
        }
    })
    .await
}

/// Ends or withdraws one before its time, by somebody or something of this name.
pub(crate) async fn close(
    tx: &Tx,
    ctx: &OpCtx,
    row: &elevation::Model,
    happened: ElevationEvent,
    by: &str,
) -> Result<ElevationState, Error> {
    let step = Step {
        event: happened,
        at: ctx.now(),
        until: ctx.now(),
        decided: None,
        reason: None,
        ended_by: Some(by),
    };
    let next = store::elevations::transition(tx, row, &step).await?;
    let fact = event(AuditAction::ElevationEnded, row).with("state", next);
    audit::append(tx, ctx, fact).await?;
    Ok(next)
}

/// Writes down what the clock ended. Answers how many.
pub(crate) async fn lapse(cp: &ControlPlane, ctx: &OpCtx) -> Result<usize, Error> {
    let over = store::elevations::lapsed(cp.reader(), ctx.now()).await?;
    for row in &over {
        let noted = cp
            .transact("elevations::lapse", ctx, |tx: Tx| async move {
                let tx = &tx;
                let step = Step {
                    event: ElevationEvent::Lapsed,
                    at: row.until,
                    until: row.until,
                    decided: None,
                    reason: None,
                    ended_by: None,
                };
                let next = store::elevations::transition(tx, row, &step).await?;
                let fact = event(AuditAction::ElevationEnded, row)
                    .with("state", next)
                    .with("from", row.state);
                audit::append(tx, ctx, fact).await.map(|_| ())
            })
            .await;
        match noted {
            // Somebody ended it at the same moment; that is written down already.
            Ok(())
            | Err(Error::Conflict {
                why: Conflict::Changed,
            }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(over.len())
}

/// Takes a standing role away.
///
/// # Errors
/// [`Error::Forbidden`] for who does not administer everywhere, [`Conflict::LastAdministrator`] when nobody else would.
pub async fn take_away(cp: &ControlPlane, ctx: &OpCtx, form: &TakeAwayForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("elevations::take_away", ctx, may).await?;
    let (id, reason) = form.parse()?;
    cp.transact("elevations::take_away", ctx, |tx: Tx| {
        let reason = &reason;
        async move { take_away_in(&tx, ctx, id, reason).await }
    })
    .await
}

/// The same, inside the transaction of something larger.
pub(crate) async fn take_away_in(
    tx: &Tx,
    ctx: &OpCtx,
    id: uuid::Uuid,
    reason: &str,
) -> Result<(), Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    // The log lets one transaction at a time go on from here, so two administrators cannot take each other's last role.
    store::audit::lock_size(tx).await?;
    let grants = store::people::all_grants(&**tx).await?;
    let Some(grant) = grants.iter().find(|grant| grant.id == id) else {
        return Err(Error::NotFound { kind: "grant" });
    };
    let everywhere = |role, team: Option<TeamId>| role == Role::Administrator && team.is_none();
    // What a sign-in provider gave does not count: it may be gone with the next sign-in.
    let others = grants.iter().filter(|other| {
        other.id != id && other.provider.is_none() && everywhere(other.role, other.team_id)
    });
    if everywhere(grant.role, grant.team_id) && grant.provider.is_none() && others.count() == 0 {
        return Err(Error::conflict(Conflict::LastAdministrator));
    }
    store::people::take_away(tx, id).await?;
    let team = match grant.team_id {
        Some(team) => store::people::team(&**tx, team).await?.map(|t| t.slug),
        None => None,
    };
    let user = grant.user_id.to_string();
    let mut event = Event::new(AuditAction::RoleTakenAway, "user", user)
        .with("role", grant.role)
        .with("team", team.as_deref().unwrap_or(EVERY_TEAM))
        .reason(reason);
    if let Some(provider) = &grant.provider {
        event = event.with("provider", provider);
    }
    audit::append(tx, ctx, event).await.map(|_| ())
}
