//! Which live deployments no longer comply, and why. Only these have a row.

use chrono::{DateTime, Utc};
use domain::id::{ComplianceId, DeploymentId, TeamId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::entity::{compliance, deployment, live};
use super::fleet::within;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// The rows of several deployments.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<compliance::Model>, Error> {
    let query =
        compliance::Entity::find().filter(compliance::Column::DeploymentId.is_in(deployments));
    Ok(query.all(db).await?)
}

/// Every row, bounded like what is live.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<compliance::Model>, Error> {
    let query = compliance::Entity::find().order_by_asc(compliance::Column::Id);
    Ok(query.limit(5_000).all(db).await?)
}

/// Writes that a deployment does not comply, in place of what was said before.
pub(crate) async fn set(
    tx: &Tx,
    deployment: DeploymentId,
    reasons: String,
    policy_version: i32,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    clear(tx, deployment).await?;
    let row = compliance::Model {
        id: ComplianceId(ids::new()),
        deployment_id: deployment,
        reasons,
        policy_version,
        since: now,
    };
    compliance::Entity::insert(compliance::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes back that a deployment does not comply.
pub(crate) async fn clear(tx: &Tx, deployment: DeploymentId) -> Result<(), Error> {
    compliance::Entity::delete_many()
        .filter(compliance::Column::DeploymentId.eq(deployment))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// What is live of some teams' agents (`None`: all) and does not comply.
fn live_rows(teams: Option<&[TeamId]>) -> Select<compliance::Entity> {
    compliance::Entity::find()
        .join(
            JoinType::InnerJoin,
            compliance::Entity::belongs_to(live::Entity)
                .from(compliance::Column::DeploymentId)
                .to(live::Column::DeploymentId)
                .into(),
        )
        .filter(within(live::Column::AgentId, teams))
}

/// Some of what is live and does not comply.
pub(crate) async fn some(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(compliance::Model, deployment::Model)>, Error> {
    let rows = live_rows(teams)
        .order_by_desc(compliance::Column::Since)
        .limit(limit)
        .all(db)
        .await?;
    let ids = rows.iter().map(|r| r.deployment_id).collect();
    let deployments = super::deployments::many(db, ids).await?;
    let with = |row: compliance::Model| {
        let found = deployments.iter().find(|d| d.id == row.deployment_id)?;
        Some((row, found.clone()))
    };
    Ok(rows.into_iter().filter_map(with).collect())
}
