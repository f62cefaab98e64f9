//! Channels, and what people chose to hear.

use chrono::{DateTime, Utc};
use domain::id::{ChannelId, UserId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use super::entity::{channel, notification_choice};
use crate::error::Error;
use crate::transact::Tx;

/// Most channels of an installation.
pub(crate) const CHANNELS_MAX: u64 = 200;

/// Every channel that is in use, by name.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<channel::Model>, Error> {
    Ok(channel::Entity::find()
        .filter(channel::Column::RemovedAt.is_null())
        .order_by_asc(channel::Column::Name)
        .order_by_asc(channel::Column::Id)
        .paginate(db, CHANNELS_MAX)
        .fetch_page(0)
        .await?)
}

/// Channels by id, also removed ones.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<ChannelId>,
) -> Result<Vec<channel::Model>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = channel::Entity::find().filter(channel::Column::Id.is_in(ids));
    Ok(query.all(db).await?)
}

/// A channel that is in use.
pub(crate) async fn get(db: &impl ConnectionTrait, id: ChannelId) -> Result<channel::Model, Error> {
    channel::Entity::find_by_id(id)
        .filter(channel::Column::RemovedAt.is_null())
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "channel" })
}

/// Writes a channel.
pub(crate) async fn insert(tx: &Tx, row: channel::Model) -> Result<(), Error> {
    channel::Entity::insert(channel::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes a channel out of use. Its row stays, because messages name it.
pub(crate) async fn remove(tx: &Tx, id: ChannelId, now: DateTime<Utc>) -> Result<(), Error> {
    let removed = channel::Entity::update_many()
        .col_expr(channel::Column::RemovedAt, Expr::value(Some(now)))
        .filter(channel::Column::Id.eq(id))
        .filter(channel::Column::RemovedAt.is_null())
        .exec(&**tx)
        .await?;
    super::guarded(&removed)
}

/// Everybody's choices, in one statement.
pub(crate) async fn choices(
    db: &impl ConnectionTrait,
) -> Result<Vec<notification_choice::Model>, Error> {
    Ok(notification_choice::Entity::find()
        .paginate(db, 1_000)
        .fetch_page(0)
        .await?)
}

/// What one person chose.
pub(crate) async fn choice(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<notification_choice::Model>, Error> {
    Ok(notification_choice::Entity::find_by_id(user)
        .one(db)
        .await?)
}

/// Keeps what a person chose, in place of what they chose before.
pub(crate) async fn choose(
    tx: &Tx,
    user: UserId,
    subjects: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = notification_choice::ActiveModel {
        user_id: Set(user),
        subjects: Set(subjects),
        chosen_at: Set(now),
    };
    let again = OnConflict::column(notification_choice::Column::UserId)
        .update_columns([
            notification_choice::Column::Subjects,
            notification_choice::Column::ChosenAt,
        ])
        .to_owned();
    notification_choice::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
