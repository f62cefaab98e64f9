//! Who stands in for whom, and when.

use chrono::{DateTime, Utc};
use domain::id::{StandInId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::stand_in;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most that run or are to come; a safeguard.
const MAX: u64 = 1_000;

/// Those that run now.
pub(crate) async fn running(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<stand_in::Model>, Error> {
    let query = stand_in::Entity::find()
        .filter(stand_in::Column::BeginsAt.lte(now))
        .filter(stand_in::Column::EndsAt.gt(now))
        .order_by_asc(stand_in::Column::NamedAt)
        .limit(MAX);
    Ok(query.all(db).await?)
}

/// Whom a person stands in for now.
pub(crate) async fn of_stand_in(
    db: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<stand_in::Model>, Error> {
    let query = stand_in::Entity::find()
        .filter(stand_in::Column::UserId.eq(user))
        .filter(stand_in::Column::BeginsAt.lte(now))
        .filter(stand_in::Column::EndsAt.gt(now))
        .limit(MAX);
    Ok(query.all(db).await?)
}

/// Those that have not ended, of one person or (`None`) of all, soonest to begin first.
pub(crate) async fn ahead(
    db: &impl ConnectionTrait,
    of: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<stand_in::Model>, Error> {
    let mut query = stand_in::Entity::find()
        .filter(stand_in::Column::EndsAt.gt(now))
        .order_by_asc(stand_in::Column::BeginsAt)
        .limit(MAX);
    if let Some(user) = of {
        query = query.filter(
            Condition::any()
                .add(stand_in::Column::AbsentId.eq(user))
                .add(stand_in::Column::UserId.eq(user)),
        );
    }
    Ok(query.all(db).await?)
}

/// One of them.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: StandInId,
) -> Result<stand_in::Model, Error> {
    let found = stand_in::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Error::NotFound { kind: "stand-in" })
}

/// Writes one.
pub(crate) async fn insert(tx: &Tx, row: stand_in::Model) -> Result<(), Error> {
    stand_in::Entity::insert(stand_in::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Ends one now, unless it has ended.
pub(crate) async fn end(tx: &Tx, row: &stand_in::Model, now: DateTime<Utc>) -> Result<(), Error> {
    let ended = stand_in::Entity::update_many()
        .col_expr(stand_in::Column::EndsAt, Expr::value(now))
        .filter(stand_in::Column::Id.eq(row.id))
        .filter(stand_in::Column::EndsAt.gt(now))
        .exec(&**tx)
        .await?;
    guarded(&ended)
}
