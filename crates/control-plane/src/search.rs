//! One search over everything: agents by what they are about, and whatever is called exactly so. Changes nothing.

use domain::find::ID_MAX;
use domain::form::query::AgentQuery;
use domain::view::search::SearchResults;

use crate::ControlPlane;
use crate::agents;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::find;

/// Agents that one answer has.
const AGENTS: u64 = 8;

/// What the words name, of what the actor may see. Without words it is nothing. What is too long for an id, or has control
/// characters, names nothing either: a search is no form that could be wrong.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn all(cp: &ControlPlane, ctx: &OpCtx, q: &str) -> Result<SearchResults, Error> {
    let q: String = q.chars().filter(|c| !c.is_control()).collect();
    let q = q.trim();
    let asked = AgentQuery {
        q: q.to_owned(),
        limit: Some(AGENTS),
        ..AgentQuery::default()
    };
    if q.is_empty() || q.len() > ID_MAX {
        crate::reading::teams(ctx)?;
        return Ok(SearchResults::default());
    }
    let agents = agents::list(cp, ctx, &asked).await?;
    Ok(SearchResults {
        found: find::by_id(cp, ctx, q).await?,
        more_agents: agents.next.is_some(),
        agents: agents.rows,
        q: q.to_owned(),
    })
}
