//! Browser sessions.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::entity::session;
use crate::error::Error;
use crate::transact::Tx;

/// A session that has not expired.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: &str,
    now: i64,
) -> Result<Option<session::Model>, Error> {
    let query = session::Entity::find_by_id(id).filter(session::Column::ExpiresAt.gt(now));
    Ok(query.one(db).await?)
}

/// Writes a new session. `false` when there is one with this id, which stays as it is.
pub(crate) async fn insert(tx: &Tx, id: &str, data: &str, expires_at: i64) -> Result<bool, Error> {
    let row = session::ActiveModel {
        id: Set(id.to_owned()),
        data: Set(data.to_owned()),
        expires_at: Set(expires_at),
    };
    let known = OnConflict::column(session::Column::Id)
        .do_nothing()
        .to_owned();
    let written = session::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(written == 1)
}

/// Writes a session that is there; one that is not stays away.
pub(crate) async fn renew(tx: &Tx, id: &str, data: &str, expires_at: i64) -> Result<(), Error> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::Data, Expr::value(data))
        .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
        .filter(session::Column::Id.eq(id));
    update.exec(&**tx).await?;
    Ok(())
}

/// Ends a session.
pub(crate) async fn remove(tx: &Tx, id: &str) -> Result<(), Error> {
    session::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// Forgets what has expired.
pub(crate) async fn sweep(tx: &Tx, now: i64) -> Result<(), Error> {
    session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lte(now))
        .exec(&**tx)
        .await?;
    Ok(())
}
