//! From an id that somebody read elsewhere to what it is here: the agent, its version and the approval that it acts under. Only
//! whole ids count, each looked up in an index. Changes nothing.

use domain::find::{AskedId, FoundKind};
use domain::id::TeamId;
use domain::view::find::{Found, FoundApproval, FoundDeployment, KnownKind};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities::approval_number;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, deployment, version};

mod read;
mod things;

use read::Read;

/// Most things and deployments that one id leads to.
const MOST: u64 = 50;

/// What an id names, of what the actor may see; what is not there and what may not be seen look the same. About twenty statements,
/// whatever there is. Without an id it answers which kinds are known.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing, [`Error::Invalid`] for an id that is too long or
/// has control characters.
pub async fn by_id(cp: &ControlPlane, ctx: &OpCtx, id: &str) -> Result<Found, Error> {
    let seen = reading::teams(ctx)?;
    let kinds = FoundKind::ALL.iter().map(|kind| KnownKind {
        kind: *kind,
        written: kind.written().to_owned(),
    });
    let kinds = kinds.collect();
    let Some(asked) = AskedId::parse(id)? else {
        return Ok(Found {
            kinds,
            ..Found::default()
        });
    };
    let mut read = Read::of(cp, ctx, &asked).await?;
    let mut agents = store::agents::many(cp.reader(), read.agent_ids()).await?;
    agents.retain(|agent| may_see(seen.as_deref(), agent));
    read.keep(&agents);
    let things = things::of(cp, &asked, &read, &agents, seen.as_deref()).await?;
    let (deployments, more) = deployments(cp, &read, &agents).await?;
    Ok(Found {
        id: asked.text,
        things,
        deployments,
        more,
        kinds,
    })
}

fn may_see(seen: Option<&[TeamId]>, agent: &agent::Model) -> bool {
    seen.is_none_or(|teams| teams.contains(&agent.team_id))
}

/// The deployments that the things belong to, newest first, and whether there are more.
async fn deployments(
    cp: &ControlPlane,
    read: &Read,
    agents: &[agent::Model],
) -> Result<(Vec<FoundDeployment>, bool), Error> {
    let db = cp.reader();
    let mut rows = read.deployments.clone();
    let of = read.versions.iter().map(|version| version.id).collect();
    rows.extend(store::deployments::of_versions(db, of, MOST + 1).await?);
    rows.sort_by_key(|row| std::cmp::Reverse(row.number));
    rows.dedup_by_key(|row| row.number);
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let versions = rows.iter().map(|row| row.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let identities = rows.iter().map(|row| row.id).collect();
    let identities = store::identities::of_many(db, identities).await?;
    let numbers = rows.iter().filter_map(approval_number).collect();
    let approvals = store::approvals::states(db, numbers).await?;
    let one = |row: &deployment::Model| {
        let agent = agents.iter().find(|agent| agent.id == row.agent_id)?;
        let identity = identities.iter().find(|one| one.deployment_id == row.id);
        let number = approval_number(row);
        Some(FoundDeployment {
            number: row.number,
            agent: agent.slug.clone(),
            version: reading::version_number(row, &versions),
            commit: commit(row, &versions),
            environment: row.environment,
            state: row.state,
            identity: identity.map(|one| one.client_id.clone()),
            approval: number.and_then(|number| {
                let state = *approvals.get(&number)?;
                Some(FoundApproval { number, state })
            }),
        })
    };
    Ok((rows.iter().filter_map(one).collect(), more))
}

fn commit(row: &deployment::Model, versions: &[version::Model]) -> String {
    let version = versions.iter().find(|one| one.id == row.version_id);
    version.map(|one| one.commit_id.clone()).unwrap_or_default()
}
