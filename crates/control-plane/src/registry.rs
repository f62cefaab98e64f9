//! Keeps the registry's index in line with the facts: what an agent is found by, counted by and compared by.
//!
//! Whoever changes such a fact calls [`keep`] in the same transaction, so what is found and counted is never behind. Which agents are
//! alike is found by a worker (`workers/compare_agents.rs`): it concerns others too.

pub(crate) mod meaning;

use std::collections::BTreeSet;

use domain::environment::Environment;
use domain::id::{AgentId, VersionId};
use domain::registry::{Profile, Running, Standings, UseKind};
use sea_orm::{ActiveValue, ConnectionTrait};

use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, live, registry_entry};
use crate::transact::Tx;
use crate::versions;

/// Longest name of a tool or MCP server that is listed, characters.
const NAME_MAX: usize = 200;
/// Agents that are filled in by one look.
const BATCH: u64 = 100;

/// Brings the entry of an agent in line with what is stored of it. About ten statements; nothing is written where nothing changed.
pub(crate) async fn keep(tx: &Tx, id: AgentId) -> Result<(), Error> {
    let db = &**tx;
    let agent = store::agents::get(db, id).await?;
    let live = store::live::of_agents(db, vec![id]).await?;
    let standings = Standings::of(running(db, &agent, &live).await?);
    let labels = store::agent_labels::of(db, id).await?;
    let cell = store::registry::cell_of(tx, &agent, standings, &labels).await?;
    let before = store::registry::of(db, id).await?;
    let version = telling_version(db, &agent, &live).await?;
    let owner = match store::agent_owners::of(db, id).await? {
        Some(row) => store::people::get(db, row.user_id).await?,
        None => None,
    };
    let owner = owner.map(|person| person.name).unwrap_or_default();
    let known = match &before {
        // A version says the same for ever.
        Some(before) if before.version_id == version => store::from_json(&before.profile)?,
        Some(_) | None => said(db, version).await?,
    };
    let profile = Profile {
        purpose: agent.description.clone(),
        owner,
        labels,
        ..known
    };
    match before {
        Some(before) => change(tx, &agent, before, (cell, version, profile)).await,
        None => begin(tx, &agent, (cell, version, profile)).await,
    }
}

/// Every standing that holds of an agent by the facts. Four statements.
///
/// # Errors
/// When the database does not answer.
#[cfg(any(test, feature = "test-support"))]
pub(crate) async fn standings(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
) -> Result<Standings, Error> {
    let live = store::live::of_agents(db, vec![agent.id]).await?;
    Ok(Standings::of(running(db, agent, &live).await?))
}

/// What an entry is made of.
type Parts = (i64, Option<VersionId>, Profile);

async fn begin(
    tx: &Tx,
    agent: &agent::Model,
    (cell, version, profile): Parts,
) -> Result<(), Error> {
    let row = registry_entry::Model {
        number: 0,
        agent_id: agent.id,
        slug: agent.slug.clone(),
        cell_id: cell,
        version_id: version,
        profile: store::to_json(&profile)?,
        compared: false,
        revision: 0,
    };
    let row = registry_entry::ActiveModel {
        number: ActiveValue::NotSet,
        ..row.into()
    };
    let number = store::registry::insert(tx, row).await?;
    store::registry::count(tx, cell, None).await?;
    store::registry::set_uses(tx, agent, used(&profile)).await?;
    store::registry_words::set(tx, number, cell, &agent.slug, &profile).await
}

async fn change(
    tx: &Tx,
    agent: &agent::Model,
    before: registry_entry::Model,
    (cell, version, profile): Parts,
) -> Result<(), Error> {
    let text = store::to_json(&profile)?;
    let told_anew = before.profile != text;
    let row = registry_entry::Model {
        cell_id: cell,
        version_id: version,
        // Its end too is of interest to those that are like it.
        compared: before.compared && !told_anew && agent.decommissioned_at.is_none(),
        profile: text,
        ..before.clone()
    };
    if row == before {
        return Ok(());
    }
    store::registry::update(tx, &before, &row).await?;
    if cell != before.cell_id {
        store::registry::count(tx, cell, Some(before.cell_id)).await?;
    }
    if told_anew {
        store::registry::set_uses(tx, agent, used(&profile)).await?;
    }
    if told_anew || cell != before.cell_id {
        store::registry_words::set(tx, before.number, cell, &agent.slug, &profile).await?;
    }
    Ok(())
}

async fn running(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
    live: &[live::Model],
) -> Result<Running, Error> {
    let of = |environment| live.iter().any(|row| row.environment == environment);
    let deployments = live.iter().map(|row| row.deployment_id).collect();
    let quarantines = store::quarantines::of_many(db, deployments).await?;
    let deployed = !live.is_empty()
        || !store::deployments::newest_of(db, vec![agent.id])
            .await?
            .is_empty();
    Ok(Running {
        production: of(Environment::Production),
        non_prod: of(Environment::NonProd),
        quarantined: quarantines.iter().any(|row| row.open_key.is_some()),
        deployed,
        decommissioned: agent.decommissioned_at.is_some(),
    })
}

/// The version that says what an agent does: of what is live; the newest where nothing is.
pub(crate) async fn telling_version(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
    live: &[live::Model],
) -> Result<Option<VersionId>, Error> {
    match reading::telling(live, agent.id) {
        Some(pointer) => {
            let row = store::deployments::get(db, pointer.deployment_id).await?;
            Ok(Some(row.version_id))
        }
        None => {
            let newest = store::versions::recent(db, agent.id, 1).await?.pop();
            Ok(newest.map(|version| version.id))
        }
    }
}

/// What the manifest of a version and its A2A card say. One that cannot be read any more says nothing.
async fn said(db: &impl ConnectionTrait, version: Option<VersionId>) -> Result<Profile, Error> {
    let Some(id) = version else {
        return Ok(Profile::default());
    };
    let version = store::versions::get(db, id).await?;
    let Ok(manifest) = versions::manifest(&version) else {
        return Ok(Profile::default());
    };
    let card = match &manifest.agent_card {
        Some(_) => versions::bundle(db, &version).await?.card(),
        None => None,
    };
    Ok(Profile::of(&manifest, card.as_ref()))
}

/// What it uses, each once.
fn used(profile: &Profile) -> BTreeSet<(UseKind, String)> {
    let short = |name: &String| domain::text::cut(name, NAME_MAX);
    let tools = profile
        .tools
        .iter()
        .map(|tool| (UseKind::Tool, short(&tool.name)));
    let servers = profile
        .servers
        .iter()
        .map(|name| (UseKind::Server, short(name)));
    tools.chain(servers).collect()
}

/// Makes the entries of agents that have none: those that were there before entries were. Safe to run at any time, and by several at
/// once. Says how many it made.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(cp: &ControlPlane) -> Result<u64, Error> {
    let mut made = 0;
    loop {
        let missing = store::registry::missing(cp.reader(), BATCH).await?;
        if missing.is_empty() {
            return Ok(made);
        }
        let ctx = deployments::worker(cp, "registry");
        for id in missing {
            cp.transact("registry::fill", &ctx, |tx: Tx| async move {
                keep(&tx, id).await
            })
            .await?;
            made += 1;
        }
    }
}
