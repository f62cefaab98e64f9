//! What conditions said of deployments' manifests.

use chrono::{DateTime, Utc};
use domain::id::{ConditionResultId, DeploymentId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entity::condition_result;
use crate::error::Error;
use crate::ids;
use crate::policies::Judged;
use crate::transact::Tx;

/// Writes what the conditions of a deployment said, in place of what an earlier try wrote.
pub(crate) async fn replace(
    tx: &Tx,
    deployment: DeploymentId,
    judged: &[Judged],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    condition_result::Entity::delete_many()
        .filter(condition_result::Column::DeploymentId.eq(deployment))
        .exec(&**tx)
        .await?;
    let rows = judged.iter().map(|one| {
        condition_result::ActiveModel::from(condition_result::Model {
            id: ConditionResultId(ids::new()),
            deployment_id: deployment,
            name: one.name.clone(),
            message: one.message.clone(),
            verdict: one.verdict,
            judged_at: now,
        })
    });
    condition_result::Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What the conditions of a deployment said, by their names.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Vec<condition_result::Model>, Error> {
    let query = condition_result::Entity::find()
        .filter(condition_result::Column::DeploymentId.eq(deployment))
        .order_by_asc(condition_result::Column::Name);
    Ok(query.all(db).await?)
}
