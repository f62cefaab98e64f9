//! The keys of access tokens, by number, and the tokens that were revoked before their end.

use domain::signing_key::SigningKey;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::{revoked_token, signing_key};
use crate::error::Error;
use crate::transact::Tx;

/// What is read of the past: everything older was forgotten by its tokens long ago.
const NEWEST: u64 = 12;

/// The newest keys, the newest first.
pub(crate) async fn newest(db: &impl ConnectionTrait) -> Result<Vec<SigningKey>, Error> {
    let rows = signing_key::Entity::find()
        .order_by_desc(signing_key::Column::Number)
        .limit(NEWEST)
        .all(db)
        .await?;
    let keys = rows.into_iter().map(|row| SigningKey {
        number: row.number,
        published_at: row.published_at,
        signs_from: row.signs_from,
    });
    Ok(keys.collect())
}

/// Writes a key. `false` where somebody else wrote that number first.
pub(crate) async fn insert(tx: &Tx, key: SigningKey) -> Result<bool, Error> {
    let row = signing_key::ActiveModel {
        number: Set(key.number),
        published_at: Set(key.published_at),
        signs_from: Set(key.signs_from),
    };
    let known = OnConflict::column(signing_key::Column::Number)
        .do_nothing()
        .to_owned();
    let written = signing_key::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(written == 1)
}

/// Was the token revoked?
pub(crate) async fn is_revoked(db: &impl ConnectionTrait, id: &str) -> Result<bool, Error> {
    let found = revoked_token::Entity::find_by_id(id).one(db).await?;
    Ok(found.is_some())
}

/// Revokes a token, and forgets those that ended. `false` when it was revoked already.
pub(crate) async fn revoke(tx: &Tx, id: &str, expires_at: i64, now: i64) -> Result<bool, Error> {
    revoked_token::Entity::delete_many()
        .filter(revoked_token::Column::ExpiresAt.lt(now))
        .exec(&**tx)
        .await?;
    let row = revoked_token::ActiveModel {
        id: Set(id.to_owned()),
        expires_at: Set(expires_at),
    };
    let known = OnConflict::column(revoked_token::Column::Id)
        .do_nothing()
        .to_owned();
    let written = revoked_token::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(written == 1)
}
