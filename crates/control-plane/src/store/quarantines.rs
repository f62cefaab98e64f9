//! Quarantines.

use chrono::{DateTime, Utc};
use domain::id::{DeploymentId, IncidentId};
use domain::incident::{QuarantineEvent, QuarantineState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::quarantine;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

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

/// Everything that is not over, bounded.
pub(crate) async fn current(db: &impl ConnectionTrait) -> Result<Vec<quarantine::Model>, Error> {
    let query = quarantine::Entity::find()
        .filter(quarantine::Column::OpenKey.is_not_null())
        .limit(1_000);
    Ok(query.all(db).await?)
}

/// Writes a quarantine.
pub(crate) async fn insert(tx: &Tx, row: quarantine::Model) -> Result<(), Error> {
    quarantine::Entity::insert(quarantine::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves a quarantine on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &quarantine::Model,
    event: QuarantineEvent,
    now: DateTime<Utc>,
) -> Result<QuarantineState, Error> {
    let next = row.state.apply(event)?;
    let mut update = quarantine::Entity::update_many()
        .col_expr(quarantine::Column::State, Expr::value(next))
        .col_expr(quarantine::Column::Attempts, Expr::value(0))
        .col_expr(
            quarantine::Column::LastError,
            Expr::value(Option::<String>::None),
        )
        .col_expr(quarantine::Column::NextAttemptAt, Expr::value(now));
    match next {
        QuarantineState::InForce => {
            update = update.col_expr(quarantine::Column::InForceAt, Expr::value(now));
        }
        QuarantineState::Released | QuarantineState::Over => {
            update = update
                .col_expr(quarantine::Column::OverAt, Expr::value(now))
                .col_expr(
                    quarantine::Column::OpenKey,
                    Expr::value(Option::<String>::None),
                );
        }
        QuarantineState::Requested | QuarantineState::Releasing => {}
    }
    let moved = update
        .filter(quarantine::Column::Id.eq(row.id))
        .filter(quarantine::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Notes that the outside did not do it, and when to try again.
pub(crate) async fn postpone(
    tx: &Tx,
    row: &quarantine::Model,
    error: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    quarantine::Entity::update_many()
        .col_expr(quarantine::Column::Attempts, Expr::value(row.attempts + 1))
        .col_expr(
            quarantine::Column::LastError,
            Expr::value(domain::text::cut(&domain::text::visible(error), 500)),
        )
        .col_expr(quarantine::Column::NextAttemptAt, Expr::value(at))
        .filter(quarantine::Column::Id.eq(row.id))
        .filter(quarantine::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    Ok(())
}
