//! Groups of people.

use chrono::{DateTime, Utc};
use domain::id::{GroupId, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::{group, group_member};
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// Most groups; a safeguard.
const GROUPS_MAX: u64 = 500;
/// Most people in all groups together; a safeguard.
const MEMBERS_MAX: u64 = 10_000;

/// Every group, by slug.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<group::Model>, Error> {
    let query = group::Entity::find()
        .order_by_asc(group::Column::Slug)
        .limit(GROUPS_MAX);
    Ok(query.all(db).await?)
}

/// A group by slug.
pub(crate) async fn by_slug(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<group::Model>, Error> {
    let query = group::Entity::find().filter(group::Column::Slug.eq(slug));
    Ok(query.one(db).await?)
}

/// Who is in which group, by slug. One statement.
pub(crate) async fn members(db: &impl ConnectionTrait) -> Result<Vec<(UserId, String)>, Error> {
    let group = group_member::Entity::belongs_to(group::Entity)
        .from(group_member::Column::GroupId)
        .to(group::Column::Id)
        .into();
    let query = group_member::Entity::find()
        .select_only()
        .column(group_member::Column::UserId)
        .column(group::Column::Slug)
        .join(sea_orm::JoinType::InnerJoin, group)
        .order_by_asc(group::Column::Slug)
        .limit(MEMBERS_MAX);
    Ok(query.into_tuple().all(db).await?)
}

/// Writes a group.
pub(crate) async fn insert(tx: &Tx, row: group::Model) -> Result<(), Error> {
    group::Entity::insert(group::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Is this person in it?
pub(crate) async fn has(
    db: &impl ConnectionTrait,
    group: GroupId,
    user: UserId,
) -> Result<bool, Error> {
    let query = group_member::Entity::find()
        .filter(group_member::Column::GroupId.eq(group))
        .filter(group_member::Column::UserId.eq(user));
    Ok(query.one(db).await?.is_some())
}

/// Puts a person into a group.
pub(crate) async fn add(
    tx: &Tx,
    group: GroupId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = group_member::ActiveModel {
        id: Set(ids::new()),
        group_id: Set(group),
        user_id: Set(user),
        added_at: Set(now),
    };
    group_member::Entity::insert(row)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes a person out of a group. `false` when they were not in it.
pub(crate) async fn remove(tx: &Tx, group: GroupId, user: UserId) -> Result<bool, Error> {
    let removed = group_member::Entity::delete_many()
        .filter(group_member::Column::GroupId.eq(group))
        .filter(group_member::Column::UserId.eq(user))
        .exec(&**tx)
        .await?;
    Ok(removed.rows_affected == 1)
}

/// The groups that a person is in.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<group::Model>, Error> {
    let group = group::Entity::belongs_to(group_member::Entity)
        .from(group::Column::Id)
        .to(group_member::Column::GroupId)
        .into();
    let query = group::Entity::find()
        .join(sea_orm::JoinType::InnerJoin, group)
        .filter(group_member::Column::UserId.eq(user))
        .order_by_asc(group::Column::Slug)
        .limit(GROUPS_MAX);
    Ok(query.all(db).await?)
}
