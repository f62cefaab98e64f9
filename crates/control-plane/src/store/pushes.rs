//! Movements of watched branches.

use chrono::{DateTime, Utc};
use domain::delivery::PushState;
use domain::id::{AgentId, PushId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::claim::{claimable, fenced};
use super::entity::push;
use crate::error::Error;
use crate::transact::Tx;

claimable!(push, PushId, push::Column::State.eq(PushState::Received));

/// Writes a movement.
pub(crate) async fn insert(tx: &Tx, row: push::Model) -> Result<(), Error> {
    push::Entity::insert(push::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Ends a movement, under the worker's fence.
pub(crate) async fn settle(
    tx: &Tx,
    row: &push::Model,
    state: PushState,
    note: Option<String>,
    problems: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let settled = push::Entity::update_many()
        .col_expr(push::Column::State, Expr::value(state))
        .col_expr(push::Column::Note, Expr::value(note))
        .col_expr(push::Column::Problems, Expr::value(problems))
        .col_expr(push::Column::SettledAt, Expr::value(now))
        .col_expr(
            push::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(push::Column::Id.eq(row.id))
        .filter(push::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}

/// The newest movements of an agent.
pub(crate) async fn recent(
    db: &impl ConnectionTrait,
    agent: AgentId,
    limit: u64,
) -> Result<Vec<push::Model>, Error> {
    let query = push::Entity::find()
        .filter(push::Column::AgentId.eq(agent))
        .order_by_desc(push::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Movements of any agent's branch to a commit, newest first.
pub(crate) async fn of_commit(
    db: &impl ConnectionTrait,
    commit: &str,
    limit: u64,
) -> Result<Vec<push::Model>, Error> {
    let query = push::Entity::find()
        .filter(push::Column::CommitId.eq(commit))
        .order_by_desc(push::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The newest movement of an agent's branch to a commit.
pub(crate) async fn to_commit(
    db: &impl ConnectionTrait,
    agent: AgentId,
    commit: &str,
) -> Result<Option<push::Model>, Error> {
    let query = push::Entity::find()
        .filter(push::Column::AgentId.eq(agent))
        .filter(push::Column::CommitId.eq(commit))
        .order_by_desc(push::Column::Id);
    Ok(query.one(db).await?)
}
