//! Tools and MCP servers, with the agents that use them. Changes nothing.

use domain::form::query::{self, UseQuery};
use domain::id::AgentId;
use domain::registry::{Profile, UseKind};
use domain::view::agent::{ToolUser, UsedBy, UsedThing};
use domain::view::page::Page;

use super::list::rows;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// The tools or MCP servers of the agents that the actor may see, by name. Two statements.
///
/// # Errors
/// [`Error::Invalid`] for a kind that is none, [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn uses(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &UseQuery,
) -> Result<Page<UsedThing>, Error> {
    let seen = reading::teams(ctx)?;
    let kind = asked.parse()?;
    let limit = query::limit(asked.limit);
    let place = (asked.q.trim(), asked.cursor.as_str());
    let rows = store::registry::used(cp.reader(), kind, place, seen.as_deref(), limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.name.clone());
    Ok(page.map(|row| UsedThing {
        kind: row.kind,
        name: row.name,
        agents: u64::try_from(row.agents).unwrap_or(0),
    }))
}

/// The agents that use a tool or MCP server, of those that the actor may see. Nine statements.
///
/// # Errors
/// [`Error::NotFound`] for what no agent uses that the actor may see, and for a kind that is none; else as [`uses`].
pub async fn used_by(
    cp: &ControlPlane,
    ctx: &OpCtx,
    (kind, name): (&str, &str),
    cursor: &str,
) -> Result<UsedBy, Error> {
    let seen = reading::teams(ctx)?;
    let missing = Error::NotFound { kind: "tool" };
    let Ok(kind) = kind.parse::<UseKind>() else {
        return Err(missing);
    };
    let (db, limit) = (cp.reader(), query::limit(None));
    let ids =
        store::registry::users_of(db, (kind, name), seen.as_deref(), cursor, limit + 1).await?;
    if ids.is_empty() && cursor.is_empty() {
        return Err(missing);
    }
    let page = Page::cut(ids, limit, AgentId::to_string);
    let teams = store::people::teams(db).await?;
    let entries = store::registry::of_many(db, page.rows.clone()).await?;
    let mut users = Vec::new();
    for row in rows(cp, &page.rows, &teams).await? {
        let entry = entries.iter().find(|entry| entry.slug == row.slug);
        let profile: Profile = match entry {
            Some(entry) => store::from_json(&entry.profile)?,
            None => Profile::default(),
        };
        let tools = profile.tools.into_iter();
        let tool = tools
            .filter(|_| kind == UseKind::Tool)
            .find(|tool| tool.name == name);
        let (description, scopes) = tool
            .map(|tool| (tool.description, tool.scopes))
            .unwrap_or_default();
        users.push(ToolUser {
            row,
            description,
            scopes,
        });
    }
    Ok(UsedBy {
        kind,
        name: name.to_owned(),
        rows: users,
        next: page.next,
    })
}
