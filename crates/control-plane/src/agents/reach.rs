//! What an agent can reach with what is live of it. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use domain::authz::{Access, Action, can};
use domain::config_bundle::ConfigBundle;
use domain::environment::Environment;
use domain::form::query::ReachQuery;
use domain::name::resource_of;
use domain::reach::{self, Described, Footing, HOPS_MAX, Known, called_agent};
use domain::view::reach::{Reach, ReachLive};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, deployment, identity, team, version};
use crate::versions;

/// Most agents that are looked at behind one another.
const AGENTS_MAX: usize = 50;

/// What is live of one agent.
struct Standing {
    agent: agent::Model,
    deployment: deployment::Model,
    version: version::Model,
    identity: Option<identity::Model>,
}

/// Everything that what is live of an agent can reach: itself, and through the agents that it may call. A bounded number of
/// statements, whatever there is.
///
/// # Errors
/// [`Error::NotFound`] for an agent that is not there or may not be seen.
pub async fn reach(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    asked: &ReachQuery,
) -> Result<Reach, Error> {
    let db = cp.reader();
    let root = reading::agent(db, ctx, slug).await?;
    let environment = environment(db, &root, asked).await?;
    let teams = store::people::teams(db).await?;
    let mut known = Known::default();
    let mut standing = None;
    let mut next = vec![root.clone()];
    for hop in 0..=HOPS_MAX {
        let found = standing_of(db, next, environment).await?;
        let footings = footings(db, &found, &teams).await?;
        let called = called(&footings, &known);
        for footing in footings {
            known.footings.insert(footing.slug.clone(), footing);
        }
        if hop == 0 {
            standing = found.into_iter().next();
        }
        next = store::agents::by_slugs(db, called).await?;
        next.retain(|agent| can(ctx.actor(), Action::Read, reading::of(agent)) == Access::Allowed);
        if next.is_empty() {
            break;
        }
    }
    known.resources = described(db, &known, &teams).await?;
    let graph = reach::of(&root.slug, &known);
    let mut classes: BTreeSet<String> = graph
        .nodes
        .iter()
        .filter_map(|node| node.data_class.clone())
        .collect();
    if let Some(standing) = &standing {
        classes.extend(versions::manifest(&standing.version)?.data_classes);
    }
    Ok(Reach {
        agent: root.slug,
        environment,
        live: standing.map(live),
        nodes: graph.nodes,
        edges: graph.edges,
        data_classes: classes.into_iter().collect(),
        left_out: graph.left_out,
    })
}

/// The one that was asked for; else production where something is live there, else non-prod.
async fn environment(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
    asked: &ReachQuery,
) -> Result<Environment, Error> {
    if let Ok(environment) = asked.environment.trim().parse() {
        return Ok(environment);
    }
    let there = store::live::get(db, agent.id, Environment::Production).await?;
    Ok(if there.is_some() {
        Environment::Production
    } else {
        Environment::NonProd
    })
}

/// What is live of several agents in one environment.
async fn standing_of(
    db: &impl ConnectionTrait,
    agents: Vec<agent::Model>,
    environment: Environment,
) -> Result<Vec<Standing>, Error> {
    let ids = agents.iter().map(|agent| agent.id).collect();
    let mut live = store::live::of_agents(db, ids).await?;
    live.retain(|row| row.environment == environment);
    let numbers: Vec<_> = live.iter().map(|row| row.deployment_id).collect();
    let deployments = store::deployments::many(db, numbers.clone()).await?;
    let versions = deployments.iter().map(|row| row.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let identities = store::identities::of_many(db, numbers).await?;
    let standing = deployments.into_iter().filter_map(|deployment| {
        // Foreign keys see to it that both are there.
        let agent = agents.iter().find(|one| one.id == deployment.agent_id)?;
        let version = versions
            .iter()
            .find(|one| one.id == deployment.version_id)?;
        let mine = |one: &&identity::Model| one.deployment_id == deployment.id;
        Some(Standing {
            agent: agent.clone(),
            version: version.clone(),
            identity: identities.iter().find(mine).cloned(),
            deployment,
        })
    });
    Ok(standing.collect())
}

async fn footings(
    db: &impl ConnectionTrait,
    found: &[Standing],
    teams: &[team::Model],
) -> Result<Vec<Footing>, Error> {
    let digests = found.iter().map(|one| one.version.config_digest.clone());
    let bundles = store::versions::bundles(db, digests.collect()).await?;
    let mut footings = Vec::with_capacity(found.len());
    for one in found {
        let Some(body) = bundles.get(&one.version.config_digest) else {
            continue;
        };
        let scopes = match &one.identity {
            Some(identity) => store::from_json(&identity.scopes)?,
            None => Vec::new(),
        };
        footings.push(Footing {
            slug: one.agent.slug.clone(),
            team: reading::team_slug(one.agent.team_id, teams),
            scopes,
            config: store::from_json::<ConfigBundle>(body)?,
        });
    }
    Ok(footings)
}

/// The agents that these may call and that were not looked at, bounded.
fn called(footings: &[Footing], known: &Known) -> Vec<String> {
    let room = AGENTS_MAX.saturating_sub(known.footings.len() + footings.len());
    let scopes = footings.iter().flat_map(|footing| &footing.scopes);
    let called: BTreeSet<&str> = scopes.filter_map(|scope| called_agent(scope)).collect();
    called
        .into_iter()
        .filter(|slug| !known.footings.contains_key(*slug))
        .filter(|slug| footings.iter().all(|footing| footing.slug != *slug))
        .take(room)
        .map(str::to_owned)
        .collect()
}

async fn described(
    db: &impl ConnectionTrait,
    known: &Known,
    teams: &[team::Model],
) -> Result<BTreeMap<String, Described>, Error> {
    let scopes = known.footings.values().flat_map(|one| &one.scopes);
    let names: BTreeSet<String> = scopes.map(|scope| resource_of(scope).to_owned()).collect();
    let rows = store::catalogue::many(db, names.into_iter().collect()).await?;
    let described = rows.into_iter().map(|row| {
        let owner = row.team_id.map(|team| reading::team_slug(team, teams));
        let described = Described {
            description: row.description,
            owner,
            data_class: row.data_class,
        };
        (row.name, described)
    });
    Ok(described.collect())
}

fn live(standing: Standing) -> ReachLive {
    let usable = standing
        .identity
        .as_ref()
        .is_some_and(|one| identities::usable(one, &standing.deployment));
    ReachLive {
        deployment: standing.deployment.number,
        version: standing.version.number,
        identity: standing
            .identity
            .map(|one| one.client_id)
            .unwrap_or_default(),
        usable,
    }
}
