//! The durable inbox of webhook calls.

use chrono::{DateTime, Utc};
use domain::delivery::DeliveryState;
use domain::id::{AgentId, ConnectionId, DeliveryId, TeamId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::claim::{claimable, fenced};
use super::entity::{delivery, delivery_agent};
use super::fleet::within;
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

/// Notes which agents a delivery concerned. Saying it again changes nothing.
pub(crate) async fn concern(tx: &Tx, id: DeliveryId, agents: &[AgentId]) -> Result<(), Error> {
    if agents.is_empty() {
        return Ok(());
    }
    let rows = agents.iter().map(|agent| delivery_agent::ActiveModel {
        delivery_id: Set(id),
        agent_id: Set(*agent),
    });
    let known = OnConflict::columns([
        delivery_agent::Column::DeliveryId,
        delivery_agent::Column::AgentId,
    ])
    .do_nothing()
    .to_owned();
    delivery_agent::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A delivery as lists show it: without its body, which may be large.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct Listed {
    pub(crate) id: DeliveryId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) delivery_key: String,
    pub(crate) event: String,
    pub(crate) state: DeliveryState,
    pub(crate) note: Option<String>,
    pub(crate) received_at: DateTime<Utc>,
}

/// Deliveries that concerned agents of some teams (`None`: all of them), newest first, below the cursor.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    before: Option<DeliveryId>,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let columns = [
        delivery::Column::Id,
        delivery::Column::ConnectionId,
        delivery::Column::DeliveryKey,
        delivery::Column::Event,
        delivery::Column::State,
        delivery::Column::Note,
        delivery::Column::ReceivedAt,
    ];
    let mut query = delivery::Entity::find()
        .select_only()
        .columns(columns)
        .order_by_desc(delivery::Column::Id)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(delivery::Column::Id.lt(before));
    }
    if teams.is_some() {
        let theirs = Query::select()
            .column(delivery_agent::Column::DeliveryId)
            .from(delivery_agent::Entity)
            .cond_where(within(delivery_agent::Column::AgentId, teams))
            .to_owned();
        query = query.filter(delivery::Column::Id.in_subquery(theirs));
    }
    Ok(query.into_model::<Listed>().all(db).await?)
}

/// When a delivery last came in that was about an agent.
pub(crate) async fn last_about(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Option<DateTime<Utc>>, Error> {
    let newest = delivery_agent::Entity::find()
        .filter(delivery_agent::Column::AgentId.eq(agent))
        .order_by_desc(delivery_agent::Column::DeliveryId)
        .one(db)
        .await?;
    let Some(newest) = newest else {
        return Ok(None);
    };
    let query = delivery::Entity::find_by_id(newest.delivery_id)
        .select_only()
        .column(delivery::Column::ReceivedAt);
    Ok(query.into_tuple().one(db).await?)
}
