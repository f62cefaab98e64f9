//! Deployments and the arrows they took.

use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentEvent, DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::form::query::{DeploymentQuery, Mark};
use domain::gate::Gate;
use domain::id::{AgentId, DeploymentId, TeamId, VersionId};
use domain::runtime::RuntimeHealth;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::claim::{claimable, fenced};
use super::entity::{deployment, transition};
use super::{fleet, guarded};
use crate::error::Error;
use crate::transact::Tx;

claimable!(
    deployment,
    DeploymentId,
    deployment::Column::State.is_in(work_states())
);

fn work_states() -> Vec<DeploymentState> {
    DeploymentState::ALL
        .iter()
        .copied()
        .filter(|s| s.has_work())
        .collect()
}

fn progress_states() -> Vec<DeploymentState> {
    DeploymentState::ALL
        .iter()
        .copied()
        .filter(|s| s.in_progress())
        .collect()
}

/// A deployment.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: DeploymentId,
) -> Result<deployment::Model, Error> {
    deployment::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "deployment" })
}

/// A deployment by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<deployment::Model, Error> {
    let query = deployment::Entity::find().filter(deployment::Column::Number.eq(number));
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "deployment" })
}

/// Several deployments.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<DeploymentId>,
) -> Result<Vec<deployment::Model>, Error> {
    Ok(deployment::Entity::find()
        .filter(deployment::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// The next number. Unique by index: two at once collide and one tries again.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let last = deployment::Entity::find()
        .order_by_desc(deployment::Column::Number)
        .one(&**tx)
        .await?;
    Ok(last.map_or(1, |d| d.number + 1))
}

/// The history of an agent in an environment, newest first, bounded.
pub(crate) async fn history(
    db: &impl ConnectionTrait,
    agent: AgentId,
    environment: Option<Environment>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let mut query = deployment::Entity::find()
        .filter(deployment::Column::AgentId.eq(agent))
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    if let Some(environment) = environment {
        query = query.filter(deployment::Column::Environment.eq(environment));
    }
    Ok(query.all(db).await?)
}

/// The last deployment before another, in its environment, with which another version of the agent went live.
pub(crate) async fn live_before(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
) -> Result<Option<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::AgentId.eq(row.agent_id))
        .filter(deployment::Column::Environment.eq(row.environment))
        .filter(deployment::Column::Number.lt(row.number))
        .filter(deployment::Column::VersionId.ne(row.version_id))
        .filter(deployment::Column::LiveAt.is_not_null())
        .order_by_desc(deployment::Column::Number);
    Ok(query.one(db).await?)
}

/// The histories of several agents, newest first, bounded. One statement for a page of the registry.
pub(crate) async fn newest_of(
    db: &impl ConnectionTrait,
    agents: Vec<AgentId>,
) -> Result<Vec<deployment::Model>, Error> {
    let newest = deployment::Entity::find()
        .select_only()
        .column_as(deployment::Column::Number.max(), "number")
        .filter(deployment::Column::AgentId.is_in(agents))
        .group_by(deployment::Column::AgentId)
        .into_tuple::<i64>()
        .all(db)
        .await?;
    Ok(deployment::Entity::find()
        .filter(deployment::Column::Number.is_in(newest))
        .all(db)
        .await?)
}

/// The deployments of an agent that still want to become live.
pub(crate) async fn in_progress_of(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Vec<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::AgentId.eq(agent))
        .filter(deployment::Column::State.is_in(progress_states()));
    Ok(query.all(db).await?)
}

/// Other deployments that made use of the same version's image.
pub(crate) async fn of_version(
    db: &impl ConnectionTrait,
    version: VersionId,
) -> Result<Vec<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::VersionId.eq(version))
        .limit(500);
    Ok(query.all(db).await?)
}

/// Writes a deployment.
pub(crate) async fn insert(tx: &Tx, row: deployment::Model) -> Result<(), Error> {
    deployment::Entity::insert(deployment::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves a deployment on, guarded by state, revision and fence, and writes the arrow. Returns the row as it is now.
pub(crate) async fn transition(
    tx: &Tx,
    row: &deployment::Model,
    event: DeploymentEvent,
    now: DateTime<Utc>,
) -> Result<deployment::Model, Error> {
    let next = row.state.apply(event)?;
    let live_at = if next == DeploymentState::Live {
        Some(now)
    } else {
        row.live_at
    };
    let ended_at = if next.in_progress() || next == DeploymentState::Live {
        row.ended_at
    } else {
        row.ended_at.or(Some(now))
    };
    let moved = deployment::Entity::update_many()
        .col_expr(deployment::Column::State, Expr::value(next))
        .col_expr(deployment::Column::Revision, Expr::value(row.revision + 1))
        .col_expr(deployment::Column::UpdatedAt, Expr::value(now))
        .col_expr(deployment::Column::LiveAt, Expr::value(live_at))
        .col_expr(deployment::Column::EndedAt, Expr::value(ended_at))
        .col_expr(
            deployment::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .col_expr(deployment::Column::NextAttemptAt, Expr::value(now))
        .col_expr(deployment::Column::Attempts, Expr::value(0))
        // Whoever moves a deployment on takes it from any worker that was at it.
        .col_expr(deployment::Column::Fence, Expr::value(row.fence + 1))
        .filter(deployment::Column::Id.eq(row.id))
        .filter(deployment::Column::State.eq(row.state))
        .filter(deployment::Column::Revision.eq(row.revision))
        .filter(deployment::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    let arrow = transition::ActiveModel {
        id: NotSet,
        deployment_id: Set(row.id),
        from_state: Set(row.state),
        to_state: Set(next),
        event: Set(event),
        at: Set(now),
    };
    transition::Entity::insert(arrow)
        .exec_without_returning(&**tx)
        .await?;
    let mut moved = row.clone();
    moved.state = next;
    moved.revision += 1;
    moved.fence += 1;
    moved.updated_at = now;
    moved.live_at = live_at;
    moved.ended_at = ended_at;
    moved.attempts = 0;
    moved.lease_until = None;
    Ok(moved)
}

/// The arrows a deployment took, oldest first.
pub(crate) async fn transitions(
    db: &impl ConnectionTrait,
    id: DeploymentId,
) -> Result<Vec<transition::Model>, Error> {
    let query = transition::Entity::find()
        .filter(transition::Column::DeploymentId.eq(id))
        .order_by_asc(transition::Column::Id)
        .limit(200);
    Ok(query.all(db).await?)
}

/// What a step learnt about a deployment, written under its fence. `None` leaves a column as it is.
#[derive(Debug, Default, Clone)]
pub(crate) struct Learnt {
    pub(crate) manifest: Option<(String, String)>,
    pub(crate) authorised_digest: Option<String>,
    pub(crate) endpoint: Option<Option<String>>,
    pub(crate) failure: Option<String>,
    pub(crate) receipt: Option<String>,
}

/// Writes what was learnt.
pub(crate) async fn learn(tx: &Tx, row: &deployment::Model, learnt: &Learnt) -> Result<(), Error> {
    let mut update = deployment::Entity::update_many()
        .col_expr(deployment::Column::Fence, Expr::value(row.fence));
    if let Some((manifest, digest)) = &learnt.manifest {
        update = update
            .col_expr(deployment::Column::Manifest, Expr::value(manifest.as_str()))
            .col_expr(
                deployment::Column::ManifestDigest,
                Expr::value(digest.as_str()),
            );
    }
    if let Some(digest) = &learnt.authorised_digest {
        update = update.col_expr(
            deployment::Column::AuthorisedDigest,
            Expr::value(digest.as_str()),
        );
    }
    if let Some(endpoint) = &learnt.endpoint {
        update = update.col_expr(deployment::Column::Endpoint, Expr::value(endpoint.clone()));
    }
    if let Some(failure) = &learnt.failure {
        update = update.col_expr(deployment::Column::Failure, Expr::value(failure.as_str()));
    }
    if let Some(receipt) = &learnt.receipt {
        update = update.col_expr(deployment::Column::Receipt, Expr::value(receipt.as_str()));
    }
    let done = update
        .filter(deployment::Column::Id.eq(row.id))
        .filter(deployment::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    fenced(&done)
}

/// Notes how the runtime is. Not a change of the deployment: neither revision nor fence moves.
pub(crate) async fn set_health(
    tx: &Tx,
    id: DeploymentId,
    health: RuntimeHealth,
    endpoint: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut update = deployment::Entity::update_many()
        .col_expr(deployment::Column::Health, Expr::value(health))
        .col_expr(deployment::Column::HealthAt, Expr::value(now));
    if let Some(endpoint) = endpoint {
        update = update.col_expr(deployment::Column::Endpoint, Expr::value(endpoint));
    }
    update
        .filter(deployment::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Deployments of the agents of some teams (`None`: all), newest first, below the cursor. A word that means nothing finds nothing,
/// rather than everything.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    asked: &DeploymentQuery,
    agent: Option<AgentId>,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let mut query = deployment::Entity::find()
        .filter(fleet::within(deployment::Column::AgentId, teams))
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    if let Ok(cursor) = asked.cursor.parse::<i64>() {
        query = query.filter(deployment::Column::Number.lt(cursor));
    }
    if let Some(agent) = agent {
        query = query.filter(deployment::Column::AgentId.eq(agent));
    }
    if !asked.environment.is_empty() {
        let environment = asked.environment.parse::<Environment>().into_iter();
        query = query.filter(deployment::Column::Environment.is_in(environment));
    }
    if asked.state == "in_progress" {
        query = query.filter(deployment::Column::State.is_in(progress_states()));
    } else if !asked.state.is_empty() {
        query =
            query.filter(deployment::Column::State.is_in(asked.state.parse::<DeploymentState>()));
    }
    if !asked.mark.is_empty() {
        let Ok(mark) = asked.mark.parse::<Mark>() else {
            return Ok(Vec::new());
        };
        query = query
            .filter(deployment::Column::State.eq(DeploymentState::Live))
            .filter(fleet::marks::of(mark));
    }
    if !asked.passed.is_empty() {
        let Ok(gate) = asked.passed.parse::<Gate>() else {
            return Ok(Vec::new());
        };
        query = query.filter(deployment::Column::Id.in_subquery(fleet::passing(gate)));
    }
    Ok(query.all(db).await?)
}

/// The deployments of several versions, newest first, bounded.
pub(crate) async fn of_versions(
    db: &impl ConnectionTrait,
    versions: Vec<VersionId>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::VersionId.is_in(versions))
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The deployments of a number or of a release manifest, bounded.
pub(crate) async fn known_as(
    db: &impl ConnectionTrait,
    number: Option<i64>,
    manifest_digest: Option<&str>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let any = Condition::any()
        .add_option(number.map(|number| deployment::Column::Number.eq(number)))
        .add_option(manifest_digest.map(|digest| deployment::Column::ManifestDigest.eq(digest)));
    if any.is_empty() {
        return Ok(Vec::new());
    }
    Ok(deployment::Entity::find()
        .filter(any)
        .limit(limit)
        .all(db)
        .await?)
}

/// Gives the row back until `at`, as if it had not been tried.
pub(crate) async fn postpone(
    tx: &Tx,
    id: DeploymentId,
    fence: i64,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let held = deployment::Entity::update_many()
        .col_expr(deployment::Column::Attempts, Expr::value(0))
        .filter(deployment::Column::Id.eq(id))
        .filter(deployment::Column::Fence.eq(fence))
        .exec(&**tx)
        .await?;
    super::claim::fenced(&held)?;
    release(tx, id, fence, at).await
}

/// Lets the workers look at a row again at once, rather than when its wait is over.
pub(crate) async fn hurry(tx: &Tx, id: DeploymentId, now: DateTime<Utc>) -> Result<(), Error> {
    deployment::Entity::update_many()
        .col_expr(deployment::Column::NextAttemptAt, Expr::value(now))
        .filter(deployment::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The same for what waits of a team's agents.
pub(crate) async fn hurry_team(tx: &Tx, team: TeamId, now: DateTime<Utc>) -> Result<(), Error> {
    let waiting = [DeploymentState::Queued, DeploymentState::Deploying];
    deployment::Entity::update_many()
        .col_expr(deployment::Column::NextAttemptAt, Expr::value(now))
        .filter(deployment::Column::State.is_in(waiting))
        .filter(deployment::Column::NextAttemptAt.gt(now))
        .filter(fleet::within(deployment::Column::AgentId, Some(&[team])))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Several deployments by their numbers.
pub(crate) async fn by_numbers(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<Vec<deployment::Model>, Error> {
    Ok(deployment::Entity::find()
        .filter(deployment::Column::Number.is_in(numbers))
        .all(db)
        .await?)
}

/// Rollbacks that were done in an environment, newest first, bounded.
pub(crate) async fn rollbacks_done(
    db: &impl ConnectionTrait,
    environment: Environment,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::Kind.eq(DeploymentKind::Rollback))
        .filter(deployment::Column::Environment.eq(environment))
        .filter(deployment::Column::LiveAt.is_not_null())
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Every rollback of a deployment, whatever became of it, bounded.
pub(crate) async fn rollbacks_of(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<Vec<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::RollsBack.eq(number))
        .limit(500);
    Ok(query.all(db).await?)
}
