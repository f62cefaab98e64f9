//! Reading the catalogue. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use domain::authz::{Access, Action, Facts, can};
use domain::form::query::{self, ResourceQuery};
use domain::name::{is_scope_part, resource_of};
use domain::reach::called_agent;
use domain::view::catalogue::{Reacher, ResourceDetail, ResourcePage, ResourceRow, ScopeNote};
use domain::view::page::Page;
use sea_orm::ConnectionTrait;

use super::may_change;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::reading;
use crate::store;
use crate::store::entity::{catalogue, team};

/// Identities of which one page tells.
const REACHERS_MAX: u64 = 200;

/// The catalogue, by name. Everybody who reads anything reads all of it: it says what may be asked for.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &ResourceQuery,
) -> Result<ResourcePage, Error> {
    let seen = reading::teams(ctx)?;
    let (db, limit) = (cp.reader(), query::limit(asked.limit));
    let teams = store::people::teams(db).await?;
    let owner = asked.owner.trim();
    let team = teams.iter().find(|team| team.slug == owner);
    if !owner.is_empty() && team.is_none() {
        return Ok(page(Page::cut(Vec::new(), limit, name), Vec::new()));
    }
    let of = team.map(|team| team.id);
    let rows = store::catalogue::page(db, of, &asked.cursor, limit + 1).await?;
    let rows: Result<Vec<_>, Error> = rows.into_iter().map(|row| view(row, &teams)).collect();
    let rows = Page::cut(rows?, limit, name);
    let first = asked.cursor.is_empty() && owner.is_empty();
    let missing = if first {
        let scopes = identities::scopes_in_use(db, seen.as_deref()).await?;
        uncatalogued(db, scopes.into_keys()).await?
    } else {
        Vec::new()
    };
    Ok(page(rows, missing))
}

fn page(rows: Page<ResourceRow>, uncatalogued: Vec<String>) -> ResourcePage {
    ResourcePage {
        rows: rows.rows,
        next: rows.next,
        uncatalogued,
    }
}

fn name(row: &ResourceRow) -> String {
    row.name.clone()
}

/// The resources of some scopes that the catalogue does not have.
async fn uncatalogued(
    db: &impl ConnectionTrait,
    scopes: impl Iterator<Item = String>,
) -> Result<Vec<String>, Error> {
    let named: BTreeSet<String> = scopes.map(|scope| resource_of(&scope).to_owned()).collect();
    let mut named: Vec<String> = named.into_iter().collect();
    let there = store::catalogue::many(db, named.clone()).await?;
    named.retain(|name| !there.iter().any(|row| row.name == *name));
    Ok(named)
}

/// One resource, in the catalogue or not, with what can reach it now.
///
/// # Errors
/// [`Error::NotFound`] for a name that no scope could begin with.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, name: &str) -> Result<ResourceDetail, Error> {
    let seen = reading::teams(ctx)?;
    if !is_scope_part(name) || name.len() > domain::access_event::NAME_MAX {
        return Err(Error::NotFound { kind: "resource" });
    }
    let db = cp.reader();
    let teams = store::people::teams(db).await?;
    let row = store::catalogue::get(db, name).await?;
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let owns = row.as_ref().and_then(|row| row.team_id);
    let sees_all = owns.is_some_and(|team| {
        can(ctx.actor(), Action::Read, Facts { team: Some(team) }) == Access::Allowed
    });
    let seen = if sees_all { None } else { seen };
    let identities = store::fleet::reaching(db, name, seen.as_deref(), REACHERS_MAX).await?;
    let agents = identities.iter().map(|row| row.agent_id).collect();
    let agents = store::agents::many(db, agents).await?;
    let mut reached_by = Vec::new();
    for identity in identities {
        let mut scopes: Vec<String> = store::from_json(&identity.scopes)?;
        scopes.retain(|scope| resource_of(scope) == name);
        let agent = agents.iter().find(|agent| agent.id == identity.agent_id);
        if let (Some(agent), false) = (agent, scopes.is_empty()) {
            reached_by.push(Reacher {
                identity: identity.client_id,
                agent: agent.slug.clone(),
                scopes,
            });
        }
    }
    Ok(ResourceDetail {
        name: name.to_owned(),
        can_change: row.is_some() && may_change(ctx, owns),
        can_administer: administers,
        teams: if administers {
            teams.iter().map(|team| team.slug.clone()).collect()
        } else {
            Vec::new()
        },
        row: row.map(|row| view(row, &teams)).transpose()?,
        reached_by,
    })
}

fn view(row: catalogue::Model, teams: &[team::Model]) -> Result<ResourceRow, Error> {
    Ok(ResourceRow {
        owner: row.team_id.map(|team| reading::team_slug(team, teams)),
        description: row.description,
        data_class: row.data_class,
        actions: store::from_json(&row.actions)?,
        revision: row.revision,
        updated_at: store::time::text(row.updated_at),
        name: row.name,
    })
}

/// What the catalogue says of scopes that are asked for, in their order. Two statements.
pub(crate) async fn notes(
    db: &impl ConnectionTrait,
    scopes: &[String],
) -> Result<Vec<ScopeNote>, Error> {
    if scopes.is_empty() {
        return Ok(Vec::new());
    }
    let names = scopes.iter().map(|scope| resource_of(scope).to_owned());
    let rows = store::catalogue::many(db, names.collect()).await?;
    let teams = store::people::teams(db).await?;
    let rows: Result<Vec<_>, Error> = rows.into_iter().map(|row| view(row, &teams)).collect();
    let rows: BTreeMap<String, ResourceRow> = rows?
        .into_iter()
        .map(|row| (row.name.clone(), row))
        .collect();
    Ok(scopes.iter().map(|scope| note(scope, &rows)).collect())
}

/// The scopes that nobody described: the catalogue lacks the resource or the action. An agent that may be called describes
/// itself by its manifest. Three statements.
pub(crate) async fn undescribed(
    db: &impl ConnectionTrait,
    scopes: &[String],
) -> Result<Vec<String>, Error> {
    let called = scopes.iter().filter_map(|scope| called_agent(scope));
    let agents = store::agents::by_slugs(db, called.map(str::to_owned).collect()).await?;
    let is_agent = |scope: &str| {
        let called = called_agent(scope);
        called.is_some_and(|slug| agents.iter().any(|agent| agent.slug == slug))
    };
    let notes = notes(db, scopes).await?.into_iter();
    Ok(notes
        .filter(|note| !note.catalogued && !is_agent(&note.scope))
        .map(|note| note.scope)
        .collect())
}

fn note(scope: &str, rows: &BTreeMap<String, ResourceRow>) -> ScopeNote {
    let (resource, action) = scope.split_once(':').unwrap_or((scope, ""));
    let row = rows.get(resource);
    let said = row.and_then(|row| row.actions.get(action));
    let described = said.filter(|text| !text.is_empty());
    let of_resource = row.map(|row| row.description.clone());
    ScopeNote {
        scope: scope.to_owned(),
        catalogued: said.is_some(),
        description: described.cloned().or(of_resource).unwrap_or_default(),
        data_class: row.map(|row| row.data_class.clone()).unwrap_or_default(),
        owner: row.and_then(|row| row.owner.clone()),
    }
}
