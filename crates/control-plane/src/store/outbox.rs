//! Outgoing work: git tags and commit statuses, written in the transaction of the change they tell of.

use chrono::{DateTime, Utc};
use domain::id::{DeploymentId, OutboxId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
    sea_query::OnConflict,
};

use super::claim::{claimable, fenced};
use super::entity::outbox;
use crate::error::Error;
use crate::transact::Tx;

/// State words of a row.
pub(crate) const PENDING: &str = "pending";
/// Sent.
pub(crate) const DONE: &str = "done";
/// Given up: the other side said no.
pub(crate) const FAILED: &str = "failed";

claimable!(outbox, OutboxId, outbox::Column::State.eq(PENDING));

/// Writes a piece of work; the same key again is no new work.
pub(crate) async fn insert(tx: &Tx, row: outbox::Model) -> Result<(), Error> {
    let known = OnConflict::column(outbox::Column::Dedupe)
        .do_nothing()
        .to_owned();
    outbox::Entity::insert(outbox::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Ends a piece of work, or notes why it is tried again at `again`.
pub(crate) async fn settle(
    tx: &Tx,
    row: &outbox::Model,
    state: &str,
    error: Option<String>,
    again: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let settled = outbox::Entity::update_many()
        .col_expr(outbox::Column::State, Expr::value(state))
        .col_expr(outbox::Column::LastError, Expr::value(error))
        .col_expr(
            outbox::Column::DoneAt,
            Expr::value((state == DONE).then_some(now)),
        )
        .col_expr(outbox::Column::NextAttemptAt, Expr::value(again))
        .col_expr(
            outbox::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(outbox::Column::Id.eq(row.id))
        .filter(outbox::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}

/// Is there work of this key that is not done yet?
pub(crate) async fn is_pending(db: &impl ConnectionTrait, key: &str) -> Result<bool, Error> {
    let query = outbox::Entity::find()
        .filter(outbox::Column::Dedupe.eq(key))
        .filter(outbox::Column::State.eq(PENDING));
    Ok(query.one(db).await?.is_some())
}

/// The outgoing work of a deployment.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Vec<outbox::Model>, Error> {
    let query = outbox::Entity::find()
        .filter(outbox::Column::DeploymentId.eq(deployment))
        .order_by_asc(outbox::Column::Id);
    Ok(query.all(db).await?)
}
