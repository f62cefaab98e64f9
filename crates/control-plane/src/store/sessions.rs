//! Browser sessions.

use domain::id::UserId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::entity::session;
use crate::error::Error;
use crate::transact::Tx;

/// Most sessions of a list.
const LISTED: u64 = 200;

/// A session that has not expired.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: &str,
    now: i64,
) -> Result<Option<session::Model>, Error> {
    let query = session::Entity::find_by_id(id).filter(session::Column::ExpiresAt.gt(now));
    Ok(query.one(db).await?)
}

/// A session that has not expired, by its handle.
pub(crate) async fn by_handle(
    db: &impl ConnectionTrait,
    handle: Uuid,
    now: i64,
) -> Result<Option<session::Model>, Error> {
    let query = session::Entity::find()
        .filter(session::Column::Handle.eq(handle))
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(query.one(db).await?)
}

/// Open sessions of one person, or of everybody, last used first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: Option<UserId>,
    now: i64,
) -> Result<Vec<session::Model>, Error> {
    let mut query = session::Entity::find().filter(session::Column::ExpiresAt.gt(now));
    if let Some(user) = user {
        query = query.filter(session::Column::UserId.eq(user));
    }
    let query = query.order_by_desc(session::Column::SeenAt);
    Ok(query.paginate(db, LISTED).fetch_page(0).await?)
}

/// Writes a new session. `false` when there is one with this id, which stays as it is.
pub(crate) async fn insert(tx: &Tx, row: session::Model) -> Result<bool, Error> {
    let known = OnConflict::column(session::Column::Id)
        .do_nothing()
        .to_owned();
    let written = session::Entity::insert(session::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(written == 1)
}

/// Writes a session that is there; one that is not stays away.
pub(crate) async fn renew(
    tx: &Tx,
    id: &str,
    data: &str,
    seen_at: i64,
    expires_at: i64,
) -> Result<(), Error> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::Data, Expr::value(data))
        .col_expr(session::Column::SeenAt, Expr::value(seen_at))
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

/// Ends every session of a person but one. Answers how many that were.
pub(crate) async fn remove_others(tx: &Tx, user: UserId, but: Option<Uuid>) -> Result<u64, Error> {
    let mut query = session::Entity::delete_many().filter(session::Column::UserId.eq(user));
    if let Some(but) = but {
        query = query.filter(session::Column::Handle.ne(but));
    }
    Ok(query.exec(&**tx).await?.rows_affected)
}

/// Sessions that came from an account of a provider: from one of its sessions, where it is named.
pub(crate) async fn of_provider(
    tx: &Tx,
    issuer: &str,
    subject: Option<&str>,
    provider_session: Option<&str>,
) -> Result<Vec<session::Model>, Error> {
    let mut query = session::Entity::find().filter(session::Column::Issuer.eq(issuer));
    if let Some(subject) = subject {
        query = query.filter(session::Column::Subject.eq(subject));
    }
    if let Some(name) = provider_session {
        let named = Condition::any().add(session::Column::ProviderSession.eq(name));
        // Of whom the provider never named its session, any may be meant; without a subject none is.
        query = query.filter(match subject {
            Some(_) => named.add(session::Column::ProviderSession.is_null()),
            None => named,
        });
    }
    Ok(query.all(&**tx).await?)
}

/// Forgets what has expired.
pub(crate) async fn sweep(tx: &Tx, now: i64) -> Result<(), Error> {
    session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lte(now))
        .exec(&**tx)
        .await?;
    Ok(())
}
