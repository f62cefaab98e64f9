//! Issues on git hosts about deployments that failed.

use chrono::{DateTime, Utc};
use domain::environment::Environment;
use domain::id::{AgentId, DeploymentId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use super::entity::issue;
use crate::error::Error;
use crate::transact::Tx;

/// Notes that an issue is asked for; a deployment has one.
pub(crate) async fn insert(tx: &Tx, row: issue::Model) -> Result<(), Error> {
    let known = OnConflict::column(issue::Column::DeploymentId)
        .do_nothing()
        .to_owned();
    issue::Entity::insert(issue::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The issue of a deployment.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<issue::Model>, Error> {
    Ok(issue::Entity::find_by_id(deployment).one(db).await?)
}

/// The issues of an agent's environment that are not closed, oldest first.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    agent: AgentId,
    environment: Environment,
) -> Result<Vec<issue::Model>, Error> {
    let query = issue::Entity::find()
        .filter(issue::Column::AgentId.eq(agent))
        .filter(issue::Column::Environment.eq(environment))
        .filter(issue::Column::ClosedAt.is_null())
        .order_by_asc(issue::Column::OpenedAt);
    Ok(query.all(db).await?)
}

/// Keeps where the issue is.
pub(crate) async fn opened(tx: &Tx, deployment: DeploymentId, url: &str) -> Result<(), Error> {
    issue::Entity::update_many()
        .col_expr(issue::Column::Url, Expr::value(url))
        .filter(issue::Column::DeploymentId.eq(deployment))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Notes that the issue is answered.
pub(crate) async fn closed(
    tx: &Tx,
    deployment: DeploymentId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    issue::Entity::update_many()
        .col_expr(issue::Column::ClosedAt, Expr::value(Some(now)))
        .filter(issue::Column::DeploymentId.eq(deployment))
        .exec(&**tx)
        .await?;
    Ok(())
}
