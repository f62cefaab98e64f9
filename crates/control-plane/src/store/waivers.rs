//! Waivers, and the gates that lean on them.

use chrono::{DateTime, Utc};
use domain::environment::Environment;
use domain::gate::Gate;
use domain::id::{AgentId, DeploymentId, TeamId, WaiverId, WaiverLeanId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{waiver, waiver_lean};
use super::fleet::within;
use super::guarded;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// Most waivers of one agent that are weighed at a time.
const OF_AGENT_MAX: u64 = 1_000;

/// The number for the next one.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = waiver::Entity::find().order_by_desc(waiver::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |last| last.number + 1))
}

/// Writes a waiver.
pub(crate) async fn insert(tx: &Tx, row: waiver::Model) -> Result<(), Error> {
    waiver::Entity::insert(waiver::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// One by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<waiver::Model, Error> {
    let query = waiver::Entity::find().filter(waiver::Column::Number.eq(number));
    let found = query.one(db).await?;
    found.ok_or(Error::NotFound { kind: "waiver" })
}

/// Those that stand and end between two moments, soonest first, of some teams' agents (`None`: all).
pub(crate) async fn ending(
    db: &impl ConnectionTrait,
    (after, by): (DateTime<Utc>, DateTime<Utc>),
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<waiver::Model>, Error> {
    let query = waiver::Entity::find()
        .filter(waiver::Column::RevokedAt.is_null())
        .filter(waiver::Column::EndsAt.gt(after))
        .filter(waiver::Column::EndsAt.lte(by))
        .filter(within(waiver::Column::AgentId, teams))
        .order_by_asc(waiver::Column::EndsAt)
        .order_by_asc(waiver::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// A page, newest first, of what some teams' agents have (`None`: all).
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<waiver::Model>, Error> {
    let mut query = waiver::Entity::find()
        .filter(within(waiver::Column::AgentId, teams))
        .order_by_desc(waiver::Column::Number)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(waiver::Column::Number.lt(before));
    }
    Ok(query.all(db).await?)
}

/// What stands for a gate of an agent in an environment at a moment: what lasts longest first, and of those the oldest.
pub(crate) async fn standing(
    db: &impl ConnectionTrait,
    agent: AgentId,
    environment: Environment,
    gate: Gate,
    now: DateTime<Utc>,
) -> Result<Vec<waiver::Model>, Error> {
    Ok(waiver::Entity::find()
        .filter(waiver::Column::AgentId.eq(agent))
        .filter(waiver::Column::Environment.eq(environment))
        .filter(waiver::Column::Gate.eq(gate))
        .filter(waiver::Column::RevokedAt.is_null())
        .filter(waiver::Column::EndsAt.gt(now))
        .order_by_desc(waiver::Column::EndsAt)
        .order_by_asc(waiver::Column::Number)
        .limit(OF_AGENT_MAX)
        .all(db)
        .await?)
}

/// Takes a waiver back, once.
pub(crate) async fn revoke(
    tx: &Tx,
    id: WaiverId,
    by: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let revoked = waiver::Entity::update_many()
        .col_expr(waiver::Column::RevokedAt, Expr::value(Some(now)))
        .col_expr(waiver::Column::RevokedByName, Expr::value(Some(by)))
        .col_expr(waiver::Column::RevokeReason, Expr::value(Some(reason)))
        .filter(waiver::Column::Id.eq(id))
        .filter(waiver::Column::RevokedAt.is_null())
        .exec(&**tx)
        .await?;
    guarded(&revoked)
}

/// Notes that a gate of a deployment leans on a waiver; again changes nothing.
pub(crate) async fn lean(
    tx: &Tx,
    waiver: WaiverId,
    deployment: DeploymentId,
    gate: Gate,
) -> Result<(), Error> {
    let row = waiver_lean::Model {
        id: WaiverLeanId(ids::new()),
        waiver_id: waiver,
        deployment_id: deployment,
        gate,
    };
    let once = OnConflict::columns([
        waiver_lean::Column::DeploymentId,
        waiver_lean::Column::Gate,
        waiver_lean::Column::WaiverId,
    ])
    .do_nothing()
    .to_owned();
    waiver_lean::Entity::insert(waiver_lean::ActiveModel::from(row))
        .on_conflict(once)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What several deployments lean on. Two statements.
pub(crate) async fn leans(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<(DeploymentId, Gate, waiver::Model)>, Error> {
    let rows = waiver_lean::Entity::find()
        .filter(waiver_lean::Column::DeploymentId.is_in(deployments))
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<WaiverId> = rows.iter().map(|r| r.waiver_id).collect();
    let waivers = waiver::Entity::find()
        .filter(waiver::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let with = |row: waiver_lean::Model| {
        let waiver = waivers.iter().find(|w| w.id == row.waiver_id)?;
        Some((row.deployment_id, row.gate, waiver.clone()))
    };
    Ok(rows.into_iter().filter_map(with).collect())
}

/// The deployments that lean on a waiver, newest first, bounded.
pub(crate) async fn leaning(
    db: &impl ConnectionTrait,
    waiver: WaiverId,
) -> Result<Vec<DeploymentId>, Error> {
    let rows = waiver_lean::Entity::find()
        .filter(waiver_lean::Column::WaiverId.eq(waiver))
        .order_by_desc(waiver_lean::Column::Id)
        .limit(100)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|r| r.deployment_id).collect())
}
