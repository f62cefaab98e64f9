//! How far the log was read by each of those who follow it: a table of one row each.

use domain::error::Conflict;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, LockType, Query};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::error::Error;
use crate::transact::Tx;

/// Who follows the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LogCursor {
    History,
    Notifications,
}

impl LogCursor {
    const fn table(self) -> &'static str {
        match self {
            Self::History => "history_cursor",
            Self::Notifications => "notification_cursor",
        }
    }
}

/// The index of the first event that was not read yet.
pub(crate) async fn at(db: &impl ConnectionTrait, which: LogCursor) -> Result<i64, Error> {
    read(db, which, false).await
}

/// The same, with the row locked for this transaction: followers on several servers take turns.
pub(crate) async fn lock(tx: &Tx, which: LogCursor) -> Result<i64, Error> {
    // SQLite has one writer, and no such words.
    let locks = tx.get_database_backend() == DbBackend::Postgres;
    read(&**tx, which, locks).await
}

async fn read(db: &impl ConnectionTrait, which: LogCursor, locks: bool) -> Result<i64, Error> {
    let mut query = Query::select();
    query
        .column(Alias::new("next_event"))
        .from(Alias::new(which.table()))
        .and_where(Expr::col(Alias::new("id")).eq(1));
    if locks {
        query.lock(LockType::Update);
    }
    let row = db.query_one(&query).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "next_event")?))
}

/// Moves on from where this transaction found it. Guarded: nobody else moved it meanwhile.
pub(crate) async fn advance(tx: &Tx, which: LogCursor, from: i64, to: i64) -> Result<(), Error> {
    let moved = Query::update()
        .table(Alias::new(which.table()))
        .value(Alias::new("next_event"), to)
        .and_where(Expr::col(Alias::new("id")).eq(1))
        .and_where(Expr::col(Alias::new("next_event")).eq(from))
        .to_owned();
    let moved = tx.execute(&moved).await?;
    if moved.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::conflict(Conflict::Changed))
    }
}
