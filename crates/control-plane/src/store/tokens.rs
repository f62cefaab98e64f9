//! API tokens and idempotency keys.

use chrono::{DateTime, Utc};
use domain::id::{ServiceAccountId, TokenId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::entity::{api_token, idempotency_key};
use crate::error::Error;
use crate::transact::Tx;

/// Most tokens of a list.
const LISTED: u64 = 500;

/// A token that is neither revoked nor expired, by the hash of its text. Those of directories are not among them: they open
/// one door, and that one asks for them itself.
pub(crate) async fn by_hash(
    db: &impl ConnectionTrait,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<api_token::Model>, Error> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::SecretHash.eq(hash))
        .filter(api_token::Column::Directory.is_null())
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now));
    Ok(query.one(db).await?)
}

/// Writes a token.
pub(crate) async fn insert(tx: &Tx, row: api_token::Model) -> Result<(), Error> {
    api_token::Entity::insert(api_token::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A token, whatever became of it.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: TokenId,
) -> Result<Option<api_token::Model>, Error> {
    Ok(api_token::Entity::find_by_id(id).one(db).await?)
}

/// Tokens that one person, or anybody, made, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: Option<UserId>,
) -> Result<Vec<api_token::Model>, Error> {
    let mut query = api_token::Entity::find()
        .filter(api_token::Column::ServiceAccountId.is_null())
        .filter(api_token::Column::Directory.is_null());
    if let Some(user) = user {
        query = query.filter(api_token::Column::UserId.eq(user));
    }
    let query = query.order_by_desc(api_token::Column::CreatedAt);
    Ok(query.paginate(db, LISTED).fetch_page(0).await?)
}

/// The tokens of one person that are neither revoked nor expired.
pub(crate) async fn valid_of(
    db: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<api_token::Model>, Error> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::ServiceAccountId.is_null())
        .filter(api_token::Column::Directory.is_null())
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now));
    Ok(query.all(db).await?)
}

/// The tokens of people that are neither revoked nor expired, bounded.
pub(crate) async fn valid(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<api_token::Model>, Error> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::ServiceAccountId.is_null())
        .filter(api_token::Column::Directory.is_null())
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now))
        .order_by_asc(api_token::Column::Id);
    Ok(query.paginate(db, 10_000).fetch_page(0).await?)
}

/// Notes that a token was used.
pub(crate) async fn used(tx: &Tx, id: TokenId, now: DateTime<Utc>) -> Result<(), Error> {
    set(tx, id, api_token::Column::LastUsedAt, now).await
}

/// Ends a token.
pub(crate) async fn revoke(tx: &Tx, id: TokenId, now: DateTime<Utc>) -> Result<(), Error> {
    set(tx, id, api_token::Column::RevokedAt, now).await
}

/// Forgets the tokens of service accounts that ended before this moment.
pub(crate) async fn sweep(tx: &Tx, before: DateTime<Utc>) -> Result<(), Error> {
    api_token::Entity::delete_many()
        .filter(api_token::Column::ServiceAccountId.is_not_null())
        .filter(api_token::Column::ExpiresAt.lt(before))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Forgets every token of a service account.
pub(crate) async fn remove_of(tx: &Tx, account: ServiceAccountId) -> Result<(), Error> {
    api_token::Entity::delete_many()
        .filter(api_token::Column::ServiceAccountId.eq(account))
        .exec(&**tx)
        .await?;
    Ok(())
}

async fn set(
    tx: &Tx,
    id: TokenId,
    column: api_token::Column,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let update = api_token::Entity::update_many()
        .col_expr(column, Expr::value(now))
        .filter(api_token::Column::Id.eq(id));
    update.exec(&**tx).await?;
    Ok(())
}

/// What a key answered before.
pub(crate) async fn answer(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<idempotency_key::Model>, Error> {
    Ok(idempotency_key::Entity::find_by_id(id).one(db).await?)
}

/// Keeps an answer.
pub(crate) async fn keep_answer(tx: &Tx, row: idempotency_key::Model) -> Result<(), Error> {
    idempotency_key::Entity::insert(idempotency_key::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
