//! Reading findings. Changes nothing.

use domain::authz::{Access, Action, Facts, can};
use domain::finding::FindingState;
use domain::form::query::{self, FindingQuery};
use domain::view::finding::{FindingDetail, FindingRow, RevertNote};
use domain::view::page::Page;

use super::drift;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::people;
use crate::reading::{self, Narrowed};
use crate::store;
use crate::store::entity::{agent, finding, team, user};

/// Findings that the actor may see, newest first. Five statements.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &FindingQuery,
) -> Result<Page<FindingRow>, Error> {
    let seen = reading::teams(ctx)?;
    let (db, limit) = (cp.reader(), query::limit(asked.limit));
    let Narrowed::To(agent) = reading::narrowed(db, asked.agent.trim()).await? else {
        return Ok(Page::cut(Vec::new(), limit, number));
    };
    let rows = store::findings::page(db, asked, agent, seen.as_deref(), limit + 1).await?;
    let agents = store::agents::many(db, rows.iter().filter_map(|f| f.agent_id).collect()).await?;
    let teams = store::people::teams(db).await?;
    let people = store::people::all(db).await?;
    let rows = rows
        .iter()
        .map(|row| row_view(row, &agents, &teams, &people));
    Ok(Page::cut(rows.collect(), limit, number))
}

fn number(row: &FindingRow) -> String {
    row.number.to_string()
}

/// One finding.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or none for the actor to see.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<FindingDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let row = store::findings::by_number(db, number).await?;
    let facts = Facts { team: row.team_id };
    ctx.authorize_on(Action::Read, facts, "finding")?;
    let agents = store::agents::many(db, row.agent_id.into_iter().collect()).await?;
    let teams = store::people::teams(db).await?;
    let owner = match row.owner_id {
        Some(id) => store::people::get(db, id).await?,
        None => None,
    };
    let owner: Vec<user::Model> = owner.into_iter().collect();
    let may = |action| can(ctx.actor(), action, facts) == Access::Allowed;
    let open = row.state == FindingState::Open;
    let revert = store::reverts::of(db, row.id).await?;
    let waits = revert.as_ref().is_some_and(|r| r.done_at.is_none());
    Ok(FindingDetail {
        row: row_view(&row, &agents, &teams, &owner),
        can_act: open && may(Action::Rollback),
        can_revert: drift::can_revert(&row) && !waits && may(Action::Rollback),
        can_accept: may(Action::Deploy) && drift::candidate(db, &row).await?.is_some(),
        owners: if row.state.is_open() && may(Action::Rollback) {
            people::members(db, row.team_id).await?
        } else {
            Vec::new()
        },
        owner_id: row.owner_id.map(|id| id.to_string()),
        revert: revert.map(|r| RevertNote {
            asked_by: r.asked_by,
            asked_at: store::time::text(r.asked_at),
            done_at: store::time::text_opt(r.done_at),
            last_error: r.last_error,
        }),
        resolved_at: store::time::text_opt(row.resolved_at),
        expected: row.expected,
        found: row.found,
        ignored_by: row.ignored_by,
        reason: row.reason,
    })
}

fn row_view(
    row: &finding::Model,
    agents: &[agent::Model],
    teams: &[team::Model],
    people: &[user::Model],
) -> FindingRow {
    let agent = agents.iter().find(|a| Some(a.id) == row.agent_id);
    let owner = people.iter().find(|p| Some(p.id) == row.owner_id);
    FindingRow {
        number: row.number,
        kind: row.kind,
        state: row.state,
        subject_kind: row.subject_kind,
        subject: row.subject.clone(),
        agent: agent.map(|a| a.slug.clone()),
        deployment: row.deployment,
        team: row.team_id.map(|id| reading::team_slug(id, teams)),
        owner: owner.map(|person| person.name.clone()),
        what: row.what.clone(),
        first_seen: store::time::text(row.first_seen),
        last_seen: store::time::text(row.last_seen),
        sightings: row.sightings,
        ignored_until: store::time::text_opt(row.ignored_until),
    }
}
