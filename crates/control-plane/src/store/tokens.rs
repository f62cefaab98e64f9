//! API tokens and idempotency keys.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::entity::{api_token, idempotency_key};
use crate::error::Error;
use crate::transact::Tx;

/// A token that is neither revoked nor expired, by the hash of its text.
pub(crate) async fn by_hash(
    db: &impl ConnectionTrait,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<api_token::Model>, Error> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::SecretHash.eq(hash))
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
