//! Agents that do nearly the same, and why: so that nobody builds what there is already. Changes nothing.

use domain::authz::Action;
use domain::id::AgentId;
use domain::registry::{Degree, Profile, Shared, shared};
use domain::view::agent::{
    AgentComparison, ClosestPair, ComparedAgent, SimilarAgent, SimilarAgents, SimilarPair,
    SimilarPairs,
};

use super::list::rows;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, registry_entry, registry_likeness};

/// Shown of one agent.
const SHOWN: u64 = 8;
/// Pairs that one page shows.
const PAIRS: u64 = 100;
/// Most that one agent is like, found from its side or from the others'.
const LIKE_MAX: u64 = 100;
/// From here on two agents are shown as a pair that somebody should look at, in thousandths.
const PAIR_LEAST: u32 = Degree::Close.least();

fn degree(likeness: i32) -> Degree {
    let likeness = u32::try_from(likeness).unwrap_or(0);
    Degree::of(likeness).unwrap_or(Degree::Related)
}

/// What two agents that are alike have in common.
fn in_common(one: &Profile, other: &Profile, pair: &registry_likeness::Model) -> Shared {
    Shared {
        meaning: pair.meaning,
        ..shared(one, other)
    }
}

/// What an agent's entry says of it; nothing where it has none yet.
pub(super) fn profile(entries: &[registry_entry::Model], agent: AgentId) -> Result<Profile, Error> {
    match entries.iter().find(|entry| entry.agent_id == agent) {
        Some(entry) => store::from_json(&entry.profile),
        None => Ok(Profile::default()),
    }
}

/// Those that an agent is like. Four statements.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn of(
    cp: &ControlPlane,
    ctx: &OpCtx,
    id: AgentId,
) -> Result<SimilarAgents, Error> {
    let db = cp.reader();
    let pairs = store::registry::like(db, id, SHOWN).await?;
    let other = |one: AgentId, other| if one == id { other } else { one };
    let ids: Vec<AgentId> = pairs.iter().map(|p| other(p.one_id, p.other_id)).collect();
    let agents = store::agents::many(db, ids.clone()).await?;
    let teams = store::people::teams(db).await?;
    let entries = ids.iter().copied().chain([id]).collect();
    let entries = store::registry::of_many(db, entries).await?;
    let own = profile(&entries, id)?;
    let mut similar = SimilarAgents::default();
    for (pair, id) in pairs.iter().zip(ids) {
        let Some(agent) = agents.iter().find(|agent| agent.id == id) else {
            continue;
        };
        if !visible(ctx, agent) {
            similar.elsewhere += 1;
            continue;
        }
        let theirs = profile(&entries, id)?;
        similar.agents.push(SimilarAgent {
            slug: agent.slug.clone(),
            team: reading::team_slug(agent.team_id, &teams),
            description: agent.description.clone(),
            degree: degree(pair.likeness),
            shared: in_common(&own, &theirs, pair),
            owner: theirs.owner,
        });
    }
    Ok(similar)
}

fn visible(ctx: &OpCtx, agent: &agent::Model) -> bool {
    ctx.authorize(Action::Read, reading::of(agent)).is_ok()
}

/// Slug and team.
type Named = (String, String);

/// Pairs that are at least so alike, of which the actor may see both, the likest first, with what both are called; and whether there
/// are more. Three statements.
async fn seen(
    cp: &ControlPlane,
    ctx: &OpCtx,
    least: u32,
) -> Result<(Vec<(registry_likeness::Model, Named, Named)>, bool), Error> {
    reading::teams(ctx)?;
    let db = cp.reader();
    let found = store::registry::likest(db, least, PAIRS + 1).await?;
    let more = u64::try_from(found.len()).is_ok_and(|n| n > PAIRS);
    let mut ids: Vec<AgentId> = found.iter().flat_map(|p| [p.one_id, p.other_id]).collect();
    ids.sort_unstable();
    ids.dedup();
    let agents = store::agents::many(db, ids).await?;
    let teams = store::people::teams(db).await?;
    let named = |id: AgentId| {
        let agent = agents.iter().find(|agent| agent.id == id)?;
        let team = reading::team_slug(agent.team_id, &teams);
        visible(ctx, agent).then(|| (agent.slug.clone(), team))
    };
    let pairs = found.into_iter().filter_map(|pair| {
        let (one, other) = (named(pair.one_id)?, named(pair.other_id)?);
        Some((pair, one, other))
    });
    Ok((pairs.collect(), more))
}

/// A pair as pages show it.
fn shown(
    (pair, one, other): (registry_likeness::Model, Named, Named),
    entries: &[registry_entry::Model],
) -> Result<SimilarPair, Error> {
    let ours = profile(entries, pair.one_id)?;
    let theirs = profile(entries, pair.other_id)?;
    Ok(SimilarPair {
        one,
        other,
        degree: degree(pair.likeness),
        shared: in_common(&ours, &theirs, &pair),
    })
}

/// The pairs of agents that do nearly the same, of which the actor may see both; the likest first, bounded. Four statements.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn pairs(cp: &ControlPlane, ctx: &OpCtx) -> Result<SimilarPairs, Error> {
    let (found, more) = seen(cp, ctx, PAIR_LEAST).await?;
    let ids = found
        .iter()
        .flat_map(|(pair, ..)| [pair.one_id, pair.other_id]);
    let entries = store::registry::of_many(cp.reader(), ids.collect()).await?;
    let pairs = found.into_iter().map(|pair| shown(pair, &entries));
    Ok(SimilarPairs {
        pairs: pairs.collect::<Result<_, _>>()?,
        more,
    })
}

/// The two that are nearly the same and likest, and how many such pairs there are, bounded. What the others share is not read. Four
/// statements at the most.
///
/// # Errors
/// As [`pairs`].
pub async fn closest(cp: &ControlPlane, ctx: &OpCtx) -> Result<Option<ClosestPair>, Error> {
    let (found, _) = seen(cp, ctx, Degree::Same.least()).await?;
    let pairs = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let Some(first) = found.into_iter().next() else {
        return Ok(None);
    };
    let ids = vec![first.0.one_id, first.0.other_id];
    let entries = store::registry::of_many(cp.reader(), ids).await?;
    Ok(Some(ClosestPair {
        pair: shown(first, &entries)?,
        pairs,
    }))
}

/// Two agents side by side.
///
/// # Errors
/// [`Error::NotFound`] for one that does not exist or may not be read.
pub async fn compare(
    cp: &ControlPlane,
    ctx: &OpCtx,
    one: &str,
    other: &str,
) -> Result<AgentComparison, Error> {
    let db = cp.reader();
    let one = reading::agent(db, ctx, one).await?.id;
    let other = reading::agent(db, ctx, other).await?.id;
    let teams = store::people::teams(db).await?;
    let ids = vec![one, other];
    let rows = rows(cp, &ids, &teams).await?;
    let entries = store::registry::of_many(db, ids.clone()).await?;
    let live = store::live::of_agents(db, ids.clone()).await?;
    let telling = |id: AgentId| reading::telling(&live, id).map(|row| row.deployment_id);
    let deployments = ids.iter().filter_map(|id| telling(*id)).collect();
    let identities = store::identities::of_many(db, deployments).await?;
    let mut sides = Vec::new();
    for (row, id) in rows.into_iter().zip(ids) {
        let identity = identities
            .iter()
            .find(|i| Some(i.deployment_id) == telling(id));
        sides.push(ComparedAgent {
            row,
            profile: profile(&entries, id)?,
            scopes: match identity {
                Some(identity) => store::from_json(&identity.scopes)?,
                None => Vec::new(),
            },
        });
    }
    let mut sides = sides.into_iter();
    let (Some(first), second) = (sides.next(), sides.next()) else {
        return Err(Error::NotFound { kind: "agent" });
    };
    // An agent beside itself is one row.
    let second = second.unwrap_or_else(|| first.clone());
    let pairs = store::registry::like(db, one, LIKE_MAX).await?;
    let pair = pairs
        .iter()
        .find(|p| p.one_id == other || p.other_id == other);
    Ok(AgentComparison {
        degree: pair.map(|pair| degree(pair.likeness)),
        shared: match pair {
            Some(pair) => in_common(&first.profile, &second.profile, pair),
            None => shared(&first.profile, &second.profile),
        },
        one: first,
        other: second,
    })
}
