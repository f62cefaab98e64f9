//! Every identity that was not revoked, as it was read a moment ago. What is live is few; what ended is not held.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use domain::access::Standing;
use domain::id::{IdentityId, TeamId};
use domain::identity::IdentityState;
use sea_orm::ConnectionTrait;

use super::callers::Callers;
use super::rules::Rules;
use crate::ControlPlane;
use crate::error::Error;
use crate::identities::{self, Grant};
use crate::store;
use crate::topic::Topic;

/// How long a reading is answered from. With [`READ_MAX`] it stays below what is promised:
/// [`domain::access::CORRECT_WITHIN_SECONDS`].
pub(super) const FRESH: Duration = Duration::from_secs(2);
/// How long a reading may take. One that takes longer is no answer.
const READ_MAX: Duration = Duration::from_secs(2);

/// One identity.
#[derive(Debug)]
pub(super) struct Known {
    id: IdentityId,
    pub(super) grant: Grant,
    pub(super) team: TeamId,
    state: IdentityState,
    entitled: bool,
}

impl Known {
    pub(super) fn standing(&self) -> Standing<'_> {
        Standing {
            state: self.state,
            entitled: self.entitled,
            environment: self.grant.environment,
            scopes: &self.grant.scopes,
        }
    }
}

/// What the policy's restrictions may ask for beside the question and the identity.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// Classes of the data behind resources, by name.
    classes: HashMap<String, String>,
    /// The teams' names in addresses.
    teams: HashMap<TeamId, String>,
}

impl Surroundings {
    /// Two statements.
    async fn read(db: &impl ConnectionTrait) -> Result<Self, Error> {
        let teams = store::people::teams(db).await?.into_iter();
        Ok(Self {
            classes: store::catalogue::classes(db).await?,
            teams: teams.map(|team| (team.id, team.slug)).collect(),
        })
    }

    pub(super) fn class(&self, resource: &str) -> Option<&str> {
        self.classes.get(resource).map(String::as_str)
    }

    pub(super) fn team(&self, id: TeamId) -> &str {
        self.teams.get(&id).map_or("", String::as_str)
    }
}

/// One reading of the tables.
#[derive(Debug)]
pub(super) struct Snapshot {
    began: Instant,
    /// The changes that this process had committed when the reading began.
    changes: u64,
    known: HashMap<String, Known>,
    /// Client ids by what runtimes' providers call them.
    called: HashMap<String, String>,
    /// What restrictions may ask for; empty where there is none.
    pub(super) surroundings: Surroundings,
    /// What the policy in force says of agents at work.
    pub(super) rules: Arc<Rules>,
}

impl Snapshot {
    pub(super) fn of(&self, client_id: &str) -> Option<&Known> {
        let client_id = self.called.get(client_id).map_or(client_id, String::as_str);
        self.known.get(client_id)
    }
}

/// The last reading, and what makes it old.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    last: RwLock<Option<Arc<Snapshot>>>,
    changes: AtomicU64,
    /// One reads, the others wait for it.
    turn: tokio::sync::Mutex<()>,
    pub(super) callers: Callers,
}

impl Memory {
    /// Notes a commit. What is about no agent, and not the policy, changes no answer.
    pub(crate) fn note(&self, topics: &[Topic]) {
        let counts =
            |topic: &Topic| matches!(topic.topic.as_str(), "agent" | "deployment" | "policy");
        if topics.iter().any(counts) {
            self.changes.fetch_add(1, Ordering::Release);
        }
    }

    fn usable(&self) -> Option<Arc<Snapshot>> {
        let last = self.last.read().ok()?.clone()?;
        let unchanged = last.changes == self.changes.load(Ordering::Acquire);
        (unchanged && last.began.elapsed() < FRESH).then_some(last)
    }
}

/// A reading that is fresh enough, made now if there is none.
///
/// # Errors
/// [`Error::Unavailable`] when the tables cannot be read in time.
pub(super) async fn current(cp: &ControlPlane) -> Result<Arc<Snapshot>, Error> {
    let memory = cp.access();
    if let Some(found) = memory.usable() {
        return Ok(found);
    }
    let late = |_| Error::Unavailable {
        dependency: "database",
        source: "the identities could not be read in time".into(),
    };
    tokio::time::timeout(READ_MAX, read(cp))
        .await
        .map_err(late)?
}

async fn read(cp: &ControlPlane) -> Result<Arc<Snapshot>, Error> {
    let memory = cp.access();
    let turn = memory.turn.lock().await;
    if let Some(found) = memory.usable() {
        return Ok(found);
    }
    let began = Instant::now();
    let changes = memory.changes.load(Ordering::Acquire);
    let before = memory.last.read().ok().and_then(|last| last.clone());
    let before = before.map(|last| Arc::clone(&last.rules));
    let rules = Rules::read(cp.reader(), before).await?;
    let known = all(cp.reader()).await?;
    let called = called(cp.reader(), &known).await?;
    let surroundings = if rules.are_restricted() {
        Surroundings::read(cp.reader()).await?
    } else {
        Surroundings::default()
    };
    let snapshot = Arc::new(Snapshot {
        began,
        changes,
        known,
        called,
        surroundings,
        rules,
    });
    if let Ok(mut last) = memory.last.write() {
        *last = Some(Arc::clone(&snapshot));
    }
    drop(turn);
    Ok(snapshot)
}

/// Four statements, whatever there is. The identities are read first: what ends meanwhile is seen as ended.
async fn all(db: &impl ConnectionTrait) -> Result<HashMap<String, Known>, Error> {
    let rows = store::identities::not_revoked(db).await?;
    let deployments = rows.iter().map(|row| row.deployment_id).collect();
    let deployments = store::deployments::many(db, deployments).await?;
    let deployments: HashMap<_, _> = deployments.into_iter().map(|d| (d.id, d)).collect();
    let agents = store::agents::many(db, rows.iter().map(|row| row.agent_id).collect()).await?;
    let agents: HashMap<_, _> = agents.into_iter().map(|agent| (agent.id, agent)).collect();
    let versions = deployments.values().map(|d| d.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let versions: HashMap<_, _> = versions.into_iter().map(|v| (v.id, v.number)).collect();
    let mut known = HashMap::with_capacity(rows.len());
    for row in rows {
        let (Some(agent), Some(deployment)) = (
            agents.get(&row.agent_id),
            deployments.get(&row.deployment_id),
        ) else {
            continue;
        };
        let version = versions.get(&deployment.version_id).cloned();
        let one = Known {
            id: row.id,
            team: agent.team_id,
            state: row.state,
            entitled: deployment.state.entitles_identity(),
            grant: identities::describe_as(
                &row,
                deployment,
                &agent.slug,
                version.unwrap_or_default(),
            )?,
        };
        known.insert(row.client_id, one);
    }
    Ok(known)
}

/// What runtimes' providers call the identities that are known. One statement.
async fn called(
    db: &impl ConnectionTrait,
    known: &HashMap<String, Known>,
) -> Result<HashMap<String, String>, Error> {
    let clients: HashMap<_, _> = known.iter().map(|(client, one)| (one.id, client)).collect();
    let bindings = store::bindings::in_force(db).await?.into_iter();
    let called = bindings.filter_map(|one| {
        let client = clients.get(&one.identity_id)?;
        Some((one.principal, (*client).clone()))
    });
    Ok(called.collect())
}
