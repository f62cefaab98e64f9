//! One agent with everything that its page shows. Changes nothing.

use chrono::{DateTime, Utc};
use domain::authz::{Access, Action, can};
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::id::{AgentId, DeploymentId};
use domain::identity::IdentityState;
use domain::view::agent::{
    AgentDetail, DeploymentCell, Does, EnvironmentCard, LineageRow, LiveCard, PushRow,
    RollbackBadge,
};

use super::owner::owner;
use super::similar;
use crate::ControlPlane;
use crate::break_glass;
use crate::compliance;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::identities;
use crate::people;
use crate::policies::{self, Whom};
use crate::reading;
use crate::rollbacks;
use crate::store;
use crate::store::entity::{agent, deployment, gate_run, identity, live, push, version};
use crate::versions;

/// Versions in the lineage.
const LINEAGE: u64 = 30;
/// Deployments in the lineage, over all its versions.
const LINEAGE_DEPLOYMENTS: u64 = 300;
/// Movements of the branch.
const PUSHES: u64 = 10;

/// What the page of an agent is made of, read once.
struct Found {
    live: Vec<live::Model>,
    deployments: Vec<deployment::Model>,
    in_progress: Vec<deployment::Model>,
    versions: Vec<version::Model>,
    identities: Vec<identity::Model>,
    /// Gate runs of what is live in non-prod.
    runs: Vec<gate_run::Model>,
}

impl Found {
    fn live_in(&self, environment: Environment) -> Option<(&live::Model, &deployment::Model)> {
        let pointer = self.live.iter().find(|l| l.environment == environment)?;
        Some((
            pointer,
            self.deployments
                .iter()
                .find(|d| d.id == pointer.deployment_id)?,
        ))
    }

    fn version(&self, row: &deployment::Model) -> Option<&version::Model> {
        self.versions.iter().find(|v| v.id == row.version_id)
    }
}

/// One agent with everything that its page shows. About twenty statements, whatever the age of the agent, and one check
/// of a rollback target's image per environment.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, slug: &str) -> Result<AgentDetail, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let team = store::people::team(db, agent.team_id).await?;
    let connection = store::connections::get(db, agent.connection_id).await?;
    let owner = owner(db, &agent).await?;
    let may_name = can(ctx.actor(), Action::Modify, reading::of(&agent)) == Access::Allowed;
    let owners = if may_name && agent.decommissioned_at.is_none() {
        people::members(db, Some(agent.team_id)).await?
    } else {
        Vec::new()
    };
    let recent = store::versions::recent(db, agent.id, LINEAGE).await?;
    let pushes = store::pushes::recent(db, agent.id, PUSHES).await?;
    let found = find(cp, &agent, &recent).await?;
    let proven = proven(cp, &agent, &found, ctx.now()).await?;
    let does = does(agent.id, &recent, &found);
    let mut environments = Vec::new();
    for environment in [Environment::NonProd, Environment::Production] {
        environments.push(card(cp, &agent, &found, environment).await?);
    }
    Ok(AgentDetail {
        labels: store::agent_labels::of(db, agent.id).await?,
        id: agent.id.to_string(),
        team: team.map(|t| t.slug).unwrap_or_default(),
        team_id: agent.team_id.to_string(),
        connection: connection.map(|c| c.name).unwrap_or_default(),
        onboarded_at: store::time::text(agent.created_at),
        decommissioned_at: store::time::text_opt(agent.decommissioned_at),
        environments,
        lineage: recent
            .iter()
            .map(|version| lineage(version, &found))
            .collect(),
        pushes: pushes.into_iter().map(push_row).collect::<Result<_, _>>()?,
        break_glasses: break_glass::marks_of_agent(cp.reader(), ctx, agent.id, &agent.slug).await?,
        waiting: waiting(&found),
        promotable: promotable(&agent, &found, proven),
        slug: agent.slug,
        description: agent.description,
        framework: agent.framework,
        risk: agent.risk,
        repository: agent.repository,
        branch: agent.branch,
        path: agent.path,
        onboarded_by: agent.created_by,
        similar: similar::of(cp, ctx, agent.id).await?,
        owner,
        owners,
        does,
    })
}

/// What the live version can do, production before non-prod; the newest where nothing is live. A manifest that cannot be read any
/// more does not keep the page from being shown.
fn does(agent: AgentId, recent: &[version::Model], found: &Found) -> Option<Does> {
    let live = reading::telling(&found.live, agent).and_then(|pointer| {
        let mut all = found.deployments.iter();
        let row = all.find(|row| row.id == pointer.deployment_id)?;
        found.version(row)
    });
    let version = live.or_else(|| recent.first())?;
    let manifest = versions::manifest(version).ok()?;
    Some(Does {
        version: version.number.clone(),
        skills: manifest.skills,
        tags: manifest.tags,
        card: manifest.agent_card.is_some(),
        tools: manifest.config.tools,
        servers: manifest
            .config
            .mcp_servers
            .into_iter()
            .map(|server| server.name)
            .collect(),
    })
}

async fn find(
    cp: &ControlPlane,
    agent: &agent::Model,
    recent: &[version::Model],
) -> Result<Found, Error> {
    let db = cp.reader();
    let live = store::live::of_agents(db, vec![agent.id]).await?;
    let mut deployments = store::deployments::of_versions(
        db,
        recent.iter().map(|v| v.id).collect(),
        LINEAGE_DEPLOYMENTS,
    )
    .await?;
    // What is live may be of a version older than the lineage shows.
    let live_ids: Vec<DeploymentId> = live.iter().map(|l| l.deployment_id).collect();
    let known: Vec<DeploymentId> = deployments.iter().map(|d| d.id).collect();
    deployments.extend(
        store::deployments::many(db, live_ids.clone())
            .await?
            .into_iter()
            .filter(|d| !known.contains(&d.id)),
    );
    let in_progress = store::deployments::in_progress_of(db, agent.id).await?;
    let mut versions = recent.to_vec();
    let older = deployments
        .iter()
        .chain(&in_progress)
        .map(|d| d.version_id)
        .filter(|id| !recent.iter().any(|v| v.id == *id))
        .collect();
    versions.extend(store::versions::many(db, older).await?);
    let identities = store::identities::of_many(db, live_ids).await?;
    let non_prod = live.iter().find(|l| l.environment == Environment::NonProd);
    let runs = match non_prod {
        Some(pointer) => store::gates::of(db, pointer.deployment_id).await?,
        None => Vec::new(),
    };
    Ok(Found {
        live,
        deployments,
        in_progress,
        versions,
        identities,
        runs,
    })
}

async fn card(
    cp: &ControlPlane,
    agent: &agent::Model,
    found: &Found,
    environment: Environment,
) -> Result<EnvironmentCard, Error> {
    let Some((pointer, row)) = found.live_in(environment) else {
        return Ok(EnvironmentCard {
            environment,
            live: None,
            rollback: RollbackBadge::NoTarget,
        });
    };
    let rollback = rollbacks::badge(cp, agent.id, environment, row.number).await?;
    let version = found.version(row);
    let identity = found.identities.iter().find(|i| i.deployment_id == row.id);
    let live = LiveCard {
        number: row.number,
        version: version.map(|v| v.number.clone()).unwrap_or_default(),
        commit: version.map(|v| v.commit_id.clone()).unwrap_or_default(),
        image_digest: version
            .and_then(|v| v.image_digest.clone())
            .unwrap_or_default(),
        config_digest: version.map(|v| v.config_digest.clone()).unwrap_or_default(),
        manifest_digest: row.manifest_digest.clone().unwrap_or_default(),
        since: store::time::text(pointer.since),
        approval: identities::approval_number(row),
        client_id: identity.map(|i| i.client_id.clone()).unwrap_or_default(),
        identity_state: identity.map_or(IdentityState::Provisioning, |i| i.state),
        scopes: match identity {
            Some(identity) => store::from_json(&identity.scopes)?,
            None => Vec::new(),
        },
        endpoint: row.endpoint.clone().unwrap_or_default(),
        health: row.health,
        lacks: compliance::of(cp.reader(), row.id)
            .await?
            .unwrap_or_default(),
    };
    Ok(EnvironmentCard {
        environment,
        live: Some(live),
        rollback,
    })
}

fn lineage(version: &version::Model, found: &Found) -> LineageRow {
    let mut of: Vec<&deployment::Model> = found
        .deployments
        .iter()
        .filter(|d| d.version_id == version.id)
        .collect();
    of.sort_by_key(|d| std::cmp::Reverse(d.number));
    LineageRow {
        version: version.number.clone(),
        commit: version.commit_id.clone(),
        author: version.author_name.clone(),
        subject: version.subject.clone(),
        cut_at: store::time::text(version.created_at),
        held: version.held_at.is_some(),
        deployments: of
            .into_iter()
            .map(|d| reading::cell(d, &found.versions))
            .collect(),
    }
}

fn push_row(push: push::Model) -> Result<PushRow, Error> {
    Ok(PushRow {
        state: push.state,
        at: store::time::text(push.found_at),
        problems: store::from_json(&push.problems)?,
        commit: push.commit_id,
        trigger: push.found_by,
        note: push.note,
    })
}

/// The newest production deployment that waits for people.
fn waiting(found: &Found) -> Option<DeploymentCell> {
    let asking = found.in_progress.iter().filter(|d| {
        d.environment == Environment::Production && d.state == DeploymentState::AwaitingApproval
    });
    asking
        .max_by_key(|d| d.number)
        .map(|d| reading::cell(d, &found.versions))
}

/// What is live in non-prod satisfies production's gates as the active policy asks for them.
async fn proven(
    cp: &ControlPlane,
    agent: &agent::Model,
    found: &Found,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let db = cp.reader();
    let Some((_, row)) = found.live_in(Environment::NonProd) else {
        return Ok(false);
    };
    let Some(version) = found.version(row) else {
        return Ok(false);
    };
    let whom = Whom::of(db, agent, version).await?;
    let policy = policies::current(db, &whom).await?;
    let judged_by = policies::of(db, row.policy_version, &whom).await?;
    let counted = gates::for_production(db, agent, &found.runs, now).await?;
    let results = counted.counting(&policy.production, now);
    Ok(policy.unproven(&results, &judged_by).is_empty())
}

/// What is live in non-prod, proven, not held, and neither live in production nor on its way there: the same conditions
/// under which [`crate::deployments::promote`] would take it.
fn promotable(agent: &agent::Model, found: &Found, proven: bool) -> Option<DeploymentCell> {
    let (_, row) = found.live_in(Environment::NonProd)?;
    let held = found.version(row)?.held_at.is_some();
    let there = found
        .live_in(Environment::Production)
        .is_some_and(|(_, live)| live.version_id == row.version_id);
    let asked = found
        .in_progress
        .iter()
        .any(|d| d.environment == Environment::Production && d.version_id == row.version_id);
    let open = agent.decommissioned_at.is_none() && row.state == DeploymentState::Live;
    (open && proven && !held && !there && !asked).then(|| reading::cell(row, &found.versions))
}
