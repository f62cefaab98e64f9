//! What ends by itself soon: waivers of the agents that the reader sees, and the reader's own tokens. Open approvals stand in the inbox.

use chrono::TimeDelta;
use domain::id::TeamId;
use domain::view::overview::Ending;
use domain::waiver;

use super::ROWS;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;

/// How far is looked ahead.
const DAYS: i64 = 14;

/// Soonest first. Three statements.
pub(super) async fn soon(
    cp: &ControlPlane,
    ctx: &OpCtx,
    teams: Option<&[TeamId]>,
) -> Result<Vec<Ending>, Error> {
    let (db, now) = (cp.reader(), ctx.now());
    let by = now + TimeDelta::days(DAYS);
    let waivers = store::waivers::ending(db, (now, by), teams, ROWS).await?;
    let agents = waivers.iter().map(|row| row.agent_id).collect();
    let agents = store::agents::many(db, agents).await?;
    let mut ending: Vec<_> = waivers
        .iter()
        .map(|row| {
            let agent = agents.iter().find(|agent| agent.id == row.agent_id);
            let agent = agent.map_or("an agent", |agent| agent.slug.as_str());
            let place = row.environment.label().to_lowercase();
            let found = Ending {
                name: waiver::name(row.number),
                what: format!("Waiver of {agent} in {place}"),
                page: format!("/waivers/{}", row.number),
                at: store::time::text(row.ends_at),
            };
            (row.ends_at, found)
        })
        .collect();
    if let Some(user) = ctx.actor().user() {
        let tokens = store::tokens::valid_of(db, user, now).await?;
        let tokens = tokens.into_iter().filter(|token| token.expires_at <= by);
        ending.extend(tokens.map(|token| {
            let found = Ending {
                name: token.name,
                what: "Your API token".to_owned(),
                page: "/settings/tokens".to_owned(),
                at: store::time::text(token.expires_at),
            };
            (token.expires_at, found)
        }));
    }
    ending.sort_by_key(|(at, _)| *at);
    ending.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    Ok(ending.into_iter().map(|(_, found)| found).collect())
}
