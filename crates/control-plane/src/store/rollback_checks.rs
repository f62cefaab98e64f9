//! Whether live deployments could be rolled back, as they were looked at last.

use domain::id::DeploymentId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::entity::rollback_check;
use crate::error::Error;
use crate::transact::Tx;

/// What was found of several live deployments.
pub(crate) async fn of_many(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<rollback_check::Model>, Error> {
    let query = rollback_check::Entity::find()
        .filter(rollback_check::Column::DeploymentId.is_in(deployments));
    Ok(query.all(db).await?)
}

/// Keeps what was found now in the place of what was found before.
pub(crate) async fn keep(tx: &Tx, row: rollback_check::Model) -> Result<(), Error> {
    use rollback_check::Column as C;
    let renew = OnConflict::column(C::DeploymentId)
        .update_columns([C::Target, C::Readiness, C::CheckedAt])
        .to_owned();
    rollback_check::Entity::insert(rollback_check::ActiveModel::from(row))
        .on_conflict(renew)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
