//! Live deployments that are judged bad, or are on the way to it.

use chrono::{DateTime, Utc};
use domain::id::DeploymentId;
use domain::rollback::LeaveReason;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::live_failure;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// What is known of one deployment.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<live_failure::Model>, Error> {
    Ok(live_failure::Entity::find_by_id(deployment).one(db).await?)
}

/// All there are, bounded.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<live_failure::Model>, Error> {
    Ok(live_failure::Entity::find().limit(5_000).all(db).await?)
}

/// Writes the first bad look.
pub(crate) async fn insert(tx: &Tx, row: live_failure::Model) -> Result<(), Error> {
    live_failure::Entity::insert(live_failure::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes one more bad look.
pub(crate) async fn look_again(
    tx: &Tx,
    row: &live_failure::Model,
    what: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let noted = live_failure::Entity::update_many()
        .col_expr(live_failure::Column::Looks, Expr::value(row.looks + 1))
        .col_expr(live_failure::Column::What, Expr::value(what))
        .col_expr(live_failure::Column::LastLook, Expr::value(now))
        .filter(live_failure::Column::DeploymentId.eq(row.deployment_id))
        .filter(live_failure::Column::Looks.eq(row.looks))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Notes why it was left to people.
pub(crate) async fn leave(
    tx: &Tx,
    row: &live_failure::Model,
    because: LeaveReason,
) -> Result<(), Error> {
    let noted = live_failure::Entity::update_many()
        .col_expr(live_failure::Column::LeftBecause, Expr::value(because))
        .filter(live_failure::Column::DeploymentId.eq(row.deployment_id))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Forgets it: the deployment is well, or not live any more.
pub(crate) async fn forget(tx: &Tx, deployment: DeploymentId) -> Result<(), Error> {
    live_failure::Entity::delete_by_id(deployment)
        .exec(&**tx)
        .await?;
    Ok(())
}
