//! What events are told as, and how far the log was read.

use domain::id::NoticeId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, sea_query::Expr,
};

use super::entity::{notice, notification_cursor};
use crate::error::Error;
use crate::transact::Tx;

/// The index of the first event that was not looked at yet.
pub(crate) async fn cursor(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let row = notification_cursor::Entity::find_by_id(1).one(db).await?;
    Ok(row.map_or(0, |r| r.next_event))
}

/// The same, with the row locked for this transaction: routers of several servers take turns.
pub(crate) async fn lock_cursor(tx: &Tx) -> Result<i64, Error> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_raw(Statement::from_string(
            DbBackend::Postgres,
            "SELECT next_event FROM notification_cursor WHERE id = 1 FOR UPDATE",
        ))
        .await?;
    }
    cursor(&**tx).await
}

/// Moves the cursor on from where this transaction found it. Guarded: nobody else moved it meanwhile.
pub(crate) async fn move_cursor(tx: &Tx, from: i64, to: i64) -> Result<(), Error> {
    let moved = notification_cursor::Entity::update_many()
        .col_expr(notification_cursor::Column::NextEvent, Expr::value(to))
        .filter(notification_cursor::Column::Id.eq(1))
        .filter(notification_cursor::Column::NextEvent.eq(from))
        .exec(&**tx)
        .await?;
    super::guarded(&moved)
}

/// Writes a notice. An event has one, by a unique index.
pub(crate) async fn insert(tx: &Tx, row: notice::Model) -> Result<(), Error> {
    notice::Entity::insert(notice::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notices by id.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<NoticeId>,
) -> Result<Vec<notice::Model>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = notice::Entity::find().filter(notice::Column::Id.is_in(ids));
    Ok(query.all(db).await?)
}

/// One notice.
pub(crate) async fn get(db: &impl ConnectionTrait, id: NoticeId) -> Result<notice::Model, Error> {
    notice::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "notice" })
}
