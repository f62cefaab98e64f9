//! The logs of deployments.

use chrono::{DateTime, Utc};
use domain::deployment::{LogLevel, Step};
use domain::id::DeploymentId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::deployment_log;
use crate::error::Error;
use crate::transact::Tx;

/// Longest line that is kept.
const LINE_MAX: usize = 2_000;

/// Adds lines. Hidden characters are made visible: log lines are hostile input.
pub(crate) async fn write(
    tx: &Tx,
    deployment: DeploymentId,
    step: Step,
    lines: &[(LogLevel, String)],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines
        .iter()
        .map(|(level, line)| deployment_log::ActiveModel {
            id: NotSet,
            deployment_id: Set(deployment),
            step: Set(step),
            level: Set(*level),
            line: Set(domain::text::cut(&domain::text::visible(line), LINE_MAX)),
            at: Set(now),
        });
    deployment_log::Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The last lines before a place, newest first; of one step, or of all.
pub(crate) async fn tail(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
    step: Option<Step>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<deployment_log::Model>, Error> {
    let mut query = deployment_log::Entity::find()
        .filter(deployment_log::Column::DeploymentId.eq(deployment))
        .order_by_desc(deployment_log::Column::Id)
        .limit(limit);
    if let Some(step) = step {
        query = query.filter(deployment_log::Column::Step.eq(step));
    }
    if let Some(before) = before {
        query = query.filter(deployment_log::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}
