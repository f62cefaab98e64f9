//! What events are told as, and how far the log was read.

use domain::id::NoticeId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::entity::notice;
use crate::error::Error;
use crate::transact::Tx;

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
