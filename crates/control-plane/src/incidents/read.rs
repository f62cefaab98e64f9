//! Reading incidents. Changes nothing.

use domain::authz::{Access, Action, Facts, can};
use domain::form::query::{self, IncidentQuery};
use domain::id::TeamId;
use domain::incident::IncidentState;
use domain::rollback::Readiness;
use domain::view::incident::{IncidentDetail, IncidentLive, IncidentRow, QuarantineRow};
use domain::view::page::Page;

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading::{self, Narrowed};
use crate::rollbacks;
use crate::store;
use crate::store::entity::{agent, incident, team, user};

/// Rows of a timeline.
const TIMELINE: u64 = 100;
/// Open incidents that the overview names.
const NOTES: u64 = 5;

/// Incidents of the agents that the actor sees, newest first. Five statements.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &IncidentQuery,
) -> Result<Page<IncidentRow>, Error> {
    let seen = reading::teams(ctx)?;
    let (db, limit) = (cp.reader(), query::limit(asked.limit));
    let number = |row: &IncidentRow| row.number.to_string();
    let Narrowed::To(agent) = reading::narrowed(db, asked.agent.trim()).await? else {
        return Ok(Page::cut(Vec::new(), limit, number));
    };
    let rows = store::incidents::page(db, asked, agent, seen.as_deref(), limit + 1).await?;
    Ok(Page::cut(views(cp, &rows).await?, limit, number))
}

/// The open ones that the overview names.
pub(crate) async fn notes(
    cp: &ControlPlane,
    teams: Option<&[TeamId]>,
) -> Result<Vec<(IncidentRow, Option<Readiness>)>, Error> {
    let db = cp.reader();
    let rows = store::incidents::open(db, teams, NOTES).await?;
    let about = rows.iter().filter_map(|row| row.deployment).collect();
    let about = store::deployments::by_numbers(db, about).await?;
    let checks = store::rollback_checks::of_many(db, about.iter().map(|d| d.id).collect()).await?;
    let readiness = |row: &IncidentRow| {
        let about = about.iter().find(|d| Some(d.number) == row.deployment)?;
        let check = checks.iter().find(|c| c.deployment_id == about.id)?;
        Some(check.readiness)
    };
    let rows = views(cp, &rows).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.clone(), readiness(&row)))
        .collect())
}

async fn views(cp: &ControlPlane, rows: &[incident::Model]) -> Result<Vec<IncidentRow>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let db = cp.reader();
    let agents = store::agents::many(db, rows.iter().map(|i| i.agent_id).collect()).await?;
    let (teams, people) = (
        store::people::teams(db).await?,
        store::people::all(db).await?,
    );
    let rows = rows
        .iter()
        .map(|row| row_view(row, &agents, &teams, &people));
    Ok(rows.collect())
}

fn row_view(
    row: &incident::Model,
    agents: &[agent::Model],
    teams: &[team::Model],
    people: &[user::Model],
) -> IncidentRow {
    let agent = agents.iter().find(|a| a.id == row.agent_id);
    let owner = people.iter().find(|p| Some(p.id) == row.owner_id);
    IncidentRow {
        number: row.number,
        agent: agent.map(|a| a.slug.clone()).unwrap_or_default(),
        team: agent
            .map(|a| reading::team_slug(a.team_id, teams))
            .unwrap_or_default(),
        environment: row.environment,
        deployment: row.deployment,
        cause: row.cause,
        state: row.state,
        title: row.title.clone(),
        opened_by: row.opened_by.clone(),
        opened_at: store::time::text(row.opened_at),
        owner: owner.map(|p| p.name.clone()),
    }
}

/// One incident with its timeline. The way back is looked at anew while it is not closed.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or none for the actor to see.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<IncidentDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let row = store::incidents::by_number(db, number).await?;
    let agent = store::agents::get(db, row.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    ctx.authorize_on(Action::Read, facts, "incident")?;
    let view = views(cp, std::slice::from_ref(&row)).await?;
    let view = view
        .into_iter()
        .next()
        .ok_or(Error::NotFound { kind: "incident" })?;
    let from = store::time::text(row.opened_at);
    let until = store::time::text_opt(row.closed_at);
    let events =
        store::incidents::timeline(db, &agent.slug, &from, until.as_deref(), TIMELINE).await?;
    Ok(IncidentDetail {
        live: live(cp, &row).await?,
        quarantines: quarantines(cp, &row).await?,
        timeline: events
            .iter()
            .map(audit::row_view)
            .collect::<Result<_, _>>()?,
        can_act: row.state != IncidentState::Closed
            && can(ctx.actor(), Action::Rollback, facts) == Access::Allowed,
        yours: row.owner_id.is_some() && row.owner_id == ctx.actor().user(),
        row: view,
        mitigation: row.mitigation,
        mitigated_at: store::time::text_opt(row.mitigated_at),
        lesson: row.lesson,
        closed_by: row.closed_by,
        closed_at: until,
    })
}

async fn live(cp: &ControlPlane, row: &incident::Model) -> Result<Option<IncidentLive>, Error> {
    let db = cp.reader();
    if row.state == IncidentState::Closed {
        return Ok(None);
    }
    let Some(pointer) = store::live::get(db, row.agent_id, row.environment).await? else {
        return Ok(None);
    };
    let live = store::deployments::get(db, pointer.deployment_id).await?;
    let version = store::versions::get(db, live.version_id).await?;
    Ok(Some(IncidentLive {
        number: live.number,
        version: version.number,
        rollback: rollbacks::badge(cp, row.agent_id, row.environment, live.number).await?,
    }))
}

async fn quarantines(
    cp: &ControlPlane,
    row: &incident::Model,
) -> Result<Vec<QuarantineRow>, Error> {
    let db = cp.reader();
    let rows = store::quarantines::of_incident(db, row.id).await?;
    let deployments =
        store::deployments::many(db, rows.iter().map(|q| q.deployment_id).collect()).await?;
    let number = |id| {
        let found = deployments.iter().find(|d| d.id == id);
        found.map(|d| d.number).unwrap_or_default()
    };
    let rows = rows.into_iter().map(|q| QuarantineRow {
        deployment: number(q.deployment_id),
        state: q.state,
        asked_by: q.asked_by,
        reason: q.reason,
        asked_at: store::time::text(q.asked_at),
        in_force_at: store::time::text_opt(q.in_force_at),
        over_at: store::time::text_opt(q.over_at),
        last_error: q.last_error,
    });
    Ok(rows.collect())
}
