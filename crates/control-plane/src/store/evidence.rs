//! Evidence by digest.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, Func, OnConflict},
};

use super::entity::evidence;
use crate::error::Error;
use crate::transact::Tx;

/// Keeps a report; the same content again is the same row, kept anew: what was kept lately is not removed.
pub(crate) async fn keep(
    tx: &Tx,
    digest: &str,
    media_type: &str,
    body: &str,
    signature: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = evidence::ActiveModel {
        digest: Set(digest.to_owned()),
        media_type: Set(media_type.to_owned()),
        body: Set(body.to_owned()),
        signature: Set(signature.to_owned()),
        created_at: Set(now),
    };
    let known = OnConflict::column(evidence::Column::Digest)
        .update_column(evidence::Column::CreatedAt)
        .to_owned();
    evidence::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Those of some digests whose body is not longer than so many characters.
pub(crate) async fn short(
    db: &impl ConnectionTrait,
    digests: Vec<String>,
    characters: i32,
) -> Result<Vec<evidence::Model>, Error> {
    let length = Func::char_length(Expr::col(evidence::Column::Body));
    Ok(evidence::Entity::find()
        .filter(evidence::Column::Digest.is_in(digests))
        .filter(Expr::expr(length).lte(characters))
        .all(db)
        .await?)
}

/// Several reports.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    digests: Vec<String>,
) -> Result<Vec<evidence::Model>, Error> {
    Ok(evidence::Entity::find()
        .filter(evidence::Column::Digest.is_in(digests))
        .all(db)
        .await?)
}
