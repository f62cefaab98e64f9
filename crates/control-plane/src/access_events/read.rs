//! Reading what agents did. Changes nothing.

use domain::form::query::{self, AccessQuery};
use domain::id::{AgentId, TeamId};
use domain::view::access_event::AccessLine;
use domain::view::page::Page;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading::{self, Narrowed};
use crate::store;
use crate::store::access_events::Wanted;
use crate::store::entity::{access_event, agent};

/// Lines that the actor may see, the newest act first: those of the agents of their teams, and whatever touched a resource
/// that one of their teams looks after. The rest is for those who read everywhere. Five statements at the most.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &AccessQuery,
) -> Result<Page<AccessLine>, Error> {
    let seen = reading::teams(ctx)?;
    let (db, limit) = (cp.reader(), query::limit(asked.limit));
    let Narrowed::To(agent) = reading::narrowed(db, asked.agent.trim()).await? else {
        return Ok(nothing());
    };
    let Some(wanted) = wanted(asked) else {
        return Ok(nothing());
    };
    let seen = match seen {
        Some(teams) => visible(db, teams, agent, &wanted).await?,
        None => None,
    };
    let wanted = Wanted {
        seen,
        agent: agent.or(wanted.agent),
        ..wanted
    };
    let rows = store::access_events::page(db, &wanted, limit + 1).await?;
    let agents = rows.iter().filter_map(|row| row.agent_id).collect();
    let agents = store::agents::many(db, agents).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    Ok(page.map(|row| line(row, &agents)))
}

/// What a reader of some teams sees of what is asked for: everything of an agent of theirs, or of a resource that they look
/// after, so that these lists are read in the order of one index; else what is either.
async fn visible(
    db: &impl ConnectionTrait,
    teams: Vec<TeamId>,
    agent: Option<AgentId>,
    wanted: &Wanted,
) -> Result<Option<(Vec<TeamId>, Vec<String>)>, Error> {
    if let Some(agent) = agent
        && teams.contains(&store::agents::get(db, agent).await?.team_id)
    {
        return Ok(None);
    }
    let owned = store::catalogue::owned(db, &teams).await?;
    Ok(match &wanted.resource {
        Some(resource) if owned.contains(resource) => None,
        Some(_) => Some((teams, Vec::new())),
        None => Some((teams, owned)),
    })
}

/// Lines of one agent.
///
/// # Errors
/// [`Error::NotFound`] for an agent that does not exist or may not be read.
pub async fn of_agent(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    asked: &AccessQuery,
) -> Result<Page<AccessLine>, Error> {
    let agent = reading::agent(cp.reader(), ctx, slug).await?;
    let asked = AccessQuery {
        agent: agent.slug,
        ..asked.clone()
    };
    list(cp, ctx, &asked).await
}

fn nothing() -> Page<AccessLine> {
    Page {
        rows: Vec::new(),
        next: None,
    }
}

/// The filter; `None` where a word is none, which finds nothing rather than everything.
fn wanted(asked: &AccessQuery) -> Option<Wanted> {
    let text = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let allowed = match asked.allowed.trim() {
        "" => None,
        "yes" => Some(true),
        "no" => Some(false),
        _ => return None,
    };
    Some(Wanted {
        seen: None,
        agent: None,
        identity: text(&asked.identity),
        resource: text(&asked.resource),
        action: text(&asked.action),
        allowed,
        coverage: word(&asked.coverage)?,
        from: asked.from().ok()?,
        to: asked.to().ok()?,
        before: word(&asked.cursor)?,
    })
}

fn word<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    match text.trim() {
        "" => Some(None),
        word => word.parse().ok().map(Some),
    }
}

fn line(row: access_event::Model, agents: &[agent::Model]) -> AccessLine {
    let agent = agents.iter().find(|one| Some(one.id) == row.agent_id);
    AccessLine {
        id: row.id.to_string(),
        identity: row.identity,
        agent: agent.map(|one| one.slug.clone()),
        version: row.version,
        environment: row.environment,
        deployment: row.deployment,
        approval: row.approval,
        resource: row.resource,
        action: row.action,
        object: row.object,
        allowed: row.allowed,
        coverage: row.coverage,
        source: row.source,
        reporter: row.reporter_name,
        occurred_at: store::time::text(row.occurred_at),
        received_at: store::time::text(row.received_at),
    }
}
