//! What witnesses said of checkpoints, and which checkpoints enough of them have seen.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::entity::{cosignature, witnessed_checkpoint};
use crate::error::Error;
use crate::transact::Tx;

/// What was said of the checkpoint of this size, in the order of the witnesses' keys.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    size: i64,
) -> Result<Vec<cosignature::Model>, Error> {
    let query = cosignature::Entity::find()
        .filter(cosignature::Column::Size.eq(size))
        .order_by_asc(cosignature::Column::KeyId);
    Ok(query.all(db).await?)
}

/// Keeps what a witness said; what it said first stays.
pub(crate) async fn keep(tx: &Tx, row: cosignature::Model) -> Result<(), Error> {
    let key = (row.size, row.key_id.clone());
    if cosignature::Entity::find_by_id(key)
        .one(&**tx)
        .await?
        .is_none()
    {
        cosignature::Entity::insert(cosignature::ActiveModel::from(row))
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}

/// Notes that enough have seen the checkpoint of this size.
pub(crate) async fn note_witnessed(tx: &Tx, size: i64, at: DateTime<Utc>) -> Result<(), Error> {
    if witnessed_checkpoint::Entity::find_by_id(size)
        .one(&**tx)
        .await?
        .is_none()
    {
        let row = witnessed_checkpoint::ActiveModel {
            size: Set(size),
            at: Set(at),
        };
        witnessed_checkpoint::Entity::insert(row)
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}

/// The newest checkpoint that enough have seen.
pub(crate) async fn last_witnessed(
    db: &impl ConnectionTrait,
) -> Result<Option<witnessed_checkpoint::Model>, Error> {
    let query =
        witnessed_checkpoint::Entity::find().order_by_desc(witnessed_checkpoint::Column::Size);
    Ok(query.one(db).await?)
}
