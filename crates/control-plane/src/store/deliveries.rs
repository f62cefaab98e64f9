//! The durable inbox of webhook calls.

use chrono::{DateTime, Utc};
use domain::delivery::DeliveryState;
use domain::id::{ConnectionId, DeliveryId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::claim::{claimable, fenced};
use super::entity::delivery;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

claimable!(
    delivery,
    DeliveryId,
    delivery::Column::State.is_in([DeliveryState::Received, DeliveryState::Processing])
);

/// A delivery by the host's own id of it.
pub(crate) async fn by_key(
    db: &impl ConnectionTrait,
    connection: ConnectionId,
    key: &str,
) -> Result<Option<delivery::Model>, Error> {
    let query = delivery::Entity::find()
        .filter(delivery::Column::ConnectionId.eq(connection))
        .filter(delivery::Column::DeliveryKey.eq(key));
    Ok(query.one(db).await?)
}

/// Writes a delivery.
pub(crate) async fn insert(tx: &Tx, row: delivery::Model) -> Result<(), Error> {
    delivery::Entity::insert(delivery::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Puts a failed delivery back into the inbox.
pub(crate) async fn revive(tx: &Tx, id: DeliveryId, now: DateTime<Utc>) -> Result<(), Error> {
    let revived = delivery::Entity::update_many()
        .col_expr(
            delivery::Column::State,
            Expr::value(DeliveryState::Received),
        )
        .col_expr(delivery::Column::Attempts, Expr::value(0))
        .col_expr(delivery::Column::Note, Expr::value(Option::<String>::None))
        .col_expr(delivery::Column::NextAttemptAt, Expr::value(now))
        .filter(delivery::Column::Id.eq(id))
        .filter(delivery::Column::State.eq(DeliveryState::Failed))
        .exec(&**tx)
        .await?;
    guarded(&revived)
}

/// Ends a delivery, under the worker's fence.
pub(crate) async fn settle(
    tx: &Tx,
    row: &delivery::Model,
    state: DeliveryState,
    note: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let settled = delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(state))
        .col_expr(delivery::Column::Note, Expr::value(note))
        .col_expr(delivery::Column::SettledAt, Expr::value(now))
        .col_expr(
            delivery::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}

/// Deliveries, newest first, below the cursor.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    before: Option<DeliveryId>,
    limit: u64,
) -> Result<Vec<delivery::Model>, Error> {
    let mut query = delivery::Entity::find()
        .order_by_desc(delivery::Column::Id)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(delivery::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}
