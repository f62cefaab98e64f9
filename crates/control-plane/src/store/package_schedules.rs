//! Schedules of evidence packages.

use domain::id::ScheduleId;
use domain::package::ScheduleState;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _,
};

use super::entity::package_schedule;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most that are kept at a time; the list shows all of them.
pub(crate) const KEPT_MAX: u64 = 100;

/// Every one that is not removed, newest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<package_schedule::Model>, Error> {
    let query = package_schedule::Entity::find()
        .filter(package_schedule::Column::OpenKey.is_not_null())
        .order_by_desc(package_schedule::Column::Number)
        .limit(KEPT_MAX);
    Ok(query.all(db).await?)
}

/// Those that run, oldest first.
pub(crate) async fn active(
    db: &impl ConnectionTrait,
) -> Result<Vec<package_schedule::Model>, Error> {
    let query = package_schedule::Entity::find()
        .filter(package_schedule::Column::State.eq(ScheduleState::Active))
        .order_by_asc(package_schedule::Column::Number)
        .limit(KEPT_MAX);
    Ok(query.all(db).await?)
}

/// Several, whatever became of them.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<ScheduleId>,
) -> Result<Vec<package_schedule::Model>, Error> {
    let query = package_schedule::Entity::find().filter(package_schedule::Column::Id.is_in(ids));
    Ok(query.all(db).await?)
}

/// The one that has the same made, if there is one.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<package_schedule::Model>, Error> {
    let query = package_schedule::Entity::find().filter(package_schedule::Column::OpenKey.eq(key));
    Ok(query.one(db).await?)
}

/// One by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<package_schedule::Model, Error> {
    let query =
        package_schedule::Entity::find().filter(package_schedule::Column::Number.eq(number));
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "schedule" })
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = package_schedule::Entity::find().order_by_desc(package_schedule::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// Writes a new one.
pub(crate) async fn insert(tx: &Tx, row: package_schedule::Model) -> Result<(), Error> {
    package_schedule::Entity::insert(package_schedule::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Writes what becomes of one, if nobody moved it since it was read.
pub(crate) async fn change(
    tx: &Tx,
    before: &package_schedule::Model,
    after: &package_schedule::Model,
) -> Result<(), Error> {
    use package_schedule::Column as C;
    let moved = package_schedule::Entity::update_many()
        .col_expr(C::State, Expr::value(after.state))
        .col_expr(C::OpenKey, Expr::value(after.open_key.clone()))
        .col_expr(C::Problem, Expr::value(after.problem.clone()))
        .col_expr(C::KeptBy, Expr::value(after.kept_by))
        .col_expr(C::KeptByName, Expr::value(after.kept_by_name.clone()))
        .col_expr(C::NextFrom, Expr::value(after.next_from))
        .filter(C::Id.eq(before.id))
        .filter(C::State.eq(before.state))
        .filter(C::NextFrom.eq(before.next_from))
        .exec(&**tx)
        .await?;
    guarded(&moved)
}
