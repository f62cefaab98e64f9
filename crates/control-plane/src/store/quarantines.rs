//! Quarantines.

use chrono::{DateTime, Utc};
use domain::id::{DeploymentId, IncidentId};
use domain::incident::{QuarantineEvent, QuarantineState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::quarantine;
use super::guarded;
use super::outside::outside;
use crate::error::Error;
use crate::transact::Tx;

outside!(quarantine);

/// The one of a deployment that is not over.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<quarantine::Model>, Error> {
    let key = deployment.to_string();
    let query = quarantine::Entity::find().filter(quarantine::Column::OpenKey.eq(key));
    Ok(query.one(db).await?)
}

/// Every one that several deployments had, over or not.
pub(crate) async fn of_many(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<quarantine::Model>, Error> {
    let query =
        quarantine::Entity::find().filter(quarantine::Column::DeploymentId.is_in(deployments));
    Ok(query.all(db).await?)
}

/// Those of an incident, newest first, bounded.
pub(crate) async fn of_incident(
    db: &impl ConnectionTrait,
    incident: IncidentId,
) -> Result<Vec<quarantine::Model>, Error> {
    let query = quarantine::Entity::find()
        .filter(quarantine::Column::IncidentId.eq(incident))
        .order_by_desc(quarantine::Column::AskedAt)
        .limit(50);
    Ok(query.all(db).await?)
}

/// Moves a quarantine on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &quarantine::Model,
    event: QuarantineEvent,
    now: DateTime<Utc>,
) -> Result<QuarantineState, Error> {
    let next = row.state.apply(event)?;
    let over = match next {
        QuarantineState::Released | QuarantineState::Over => true,
        QuarantineState::Requested | QuarantineState::InForce | QuarantineState::Releasing => false,
    };
    let mut update = moving(row, next, over, now);
    if next == QuarantineState::InForce {
        update = update.col_expr(quarantine::Column::InForceAt, Expr::value(now));
    }
    guarded(&update.exec(&**tx).await?)?;
    Ok(next)
}
