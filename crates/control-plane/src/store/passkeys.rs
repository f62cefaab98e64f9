//! Passkeys, and what browsers were asked about them.

use chrono::{DateTime, Utc};
use domain::id::UserId;
use domain::passkey::PASSKEYS_MAX;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entity::{passkey, passkey_ceremony};
use crate::error::Error;
use crate::transact::Tx;

/// Most passkeys of a list over all people.
const LISTED: u64 = 2_000;

/// The passkeys of one person, oldest first.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<passkey::Model>, Error> {
    let most = u64::try_from(PASSKEYS_MAX).unwrap_or(u64::MAX);
    let query = passkey::Entity::find()
        .filter(passkey::Column::UserId.eq(user))
        .order_by_asc(passkey::Column::MadeAt)
        .limit(most);
    Ok(query.all(db).await?)
}

/// Everybody's, oldest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<passkey::Model>, Error> {
    let query = passkey::Entity::find()
        .order_by_asc(passkey::Column::MadeAt)
        .limit(LISTED);
    Ok(query.all(db).await?)
}

/// How many a person has.
pub(crate) async fn count(db: &impl ConnectionTrait, user: UserId) -> Result<u64, Error> {
    let query = passkey::Entity::find().filter(passkey::Column::UserId.eq(user));
    Ok(query.count(db).await?)
}

/// The one with this credential.
pub(crate) async fn by_credential(
    db: &impl ConnectionTrait,
    credential: &str,
) -> Result<Option<passkey::Model>, Error> {
    let query = passkey::Entity::find().filter(passkey::Column::Credential.eq(credential));
    Ok(query.one(db).await?)
}

/// Keeps a new one. `false` when its credential is somebody's already.
pub(crate) async fn insert(tx: &Tx, row: passkey::Model) -> Result<bool, Error> {
    let known = OnConflict::column(passkey::Column::Credential)
        .do_nothing()
        .to_owned();
    let written = passkey::Entity::insert(passkey::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(written == 1)
}

/// Notes that one was used, if it is still as it was read.
pub(crate) async fn used(
    tx: &Tx,
    row: &passkey::Model,
    data: &str,
    counter: i64,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let update = passkey::Entity::update_many()
        .col_expr(passkey::Column::Data, Expr::value(data))
        .col_expr(passkey::Column::Counter, Expr::value(counter))
        .col_expr(passkey::Column::LastUsedAt, Expr::value(now))
        .filter(passkey::Column::Id.eq(row.id))
        .filter(passkey::Column::Counter.eq(row.counter));
    super::guarded(&update.exec(&**tx).await?)
}

/// Takes one of a person's away, and answers what it was called. `None` when they have no such one.
pub(crate) async fn remove(tx: &Tx, user: UserId, id: Uuid) -> Result<Option<String>, Error> {
    let query = passkey::Entity::find_by_id(id).filter(passkey::Column::UserId.eq(user));
    let Some(row) = query.one(&**tx).await? else {
        return Ok(None);
    };
    passkey::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(Some(row.name))
}

/// Takes all of a person's away, with what was begun. Answers how many there were.
pub(crate) async fn remove_all(tx: &Tx, user: UserId) -> Result<u64, Error> {
    passkey_ceremony::Entity::delete_many()
        .filter(passkey_ceremony::Column::UserId.eq(user))
        .exec(&**tx)
        .await?;
    let gone = passkey::Entity::delete_many()
        .filter(passkey::Column::UserId.eq(user))
        .exec(&**tx)
        .await?;
    Ok(gone.rows_affected)
}

/// What was begun under this id, and is still open.
pub(crate) async fn ceremony(
    db: &impl ConnectionTrait,
    id: &str,
    now: i64,
) -> Result<Option<passkey_ceremony::Model>, Error> {
    let query = passkey_ceremony::Entity::find_by_id(id)
        .filter(passkey_ceremony::Column::ExpiresAt.gt(now));
    Ok(query.one(db).await?)
}

/// How many are open of one person.
pub(crate) async fn open(db: &impl ConnectionTrait, user: UserId, now: i64) -> Result<u64, Error> {
    let query = passkey_ceremony::Entity::find()
        .filter(passkey_ceremony::Column::UserId.eq(user))
        .filter(passkey_ceremony::Column::ExpiresAt.gt(now));
    Ok(query.count(db).await?)
}

/// Keeps what was begun.
pub(crate) async fn insert_ceremony(tx: &Tx, row: passkey_ceremony::Model) -> Result<(), Error> {
    passkey_ceremony::Entity::insert(passkey_ceremony::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes what was begun, so that nobody takes it again. `None` when it is not there, or was taken meanwhile.
pub(crate) async fn take_ceremony(
    tx: &Tx,
    id: &str,
) -> Result<Option<passkey_ceremony::Model>, Error> {
    let found = passkey_ceremony::Entity::find_by_id(id).one(&**tx).await?;
    let Some(row) = found else {
        return Ok(None);
    };
    let gone = passkey_ceremony::Entity::delete_by_id(id)
        .exec(&**tx)
        .await?;
    Ok((gone.rows_affected == 1).then_some(row))
}

/// Forgets what nobody answered in time.
pub(crate) async fn sweep(tx: &Tx, now: i64) -> Result<(), Error> {
    passkey_ceremony::Entity::delete_many()
        .filter(passkey_ceremony::Column::ExpiresAt.lte(now))
        .exec(&**tx)
        .await?;
    Ok(())
}
