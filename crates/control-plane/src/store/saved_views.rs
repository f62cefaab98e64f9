//! Saved views of the audit trail.

use chrono::{DateTime, Utc};
use domain::id::{SavedViewId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::saved_view;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most that are listed of what others share.
const SHARED_MAX: u64 = 100;

/// Those of one person, by name. There are never many.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<saved_view::Model>, Error> {
    Ok(saved_view::Entity::find()
        .filter(saved_view::Column::UserId.eq(user))
        .order_by_asc(saved_view::Column::Name)
        .all(db)
        .await?)
}

/// What is shared by others than one person, by name, bounded.
pub(crate) async fn shared(
    db: &impl ConnectionTrait,
    but: Option<UserId>,
) -> Result<Vec<saved_view::Model>, Error> {
    let mut query = saved_view::Entity::find()
        .filter(saved_view::Column::Shared.eq(true))
        .order_by_asc(saved_view::Column::Name)
        .order_by_asc(saved_view::Column::Id)
        .limit(SHARED_MAX);
    if let Some(user) = but {
        query = query.filter(saved_view::Column::UserId.ne(user));
    }
    Ok(query.all(db).await?)
}

/// One of them.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: SavedViewId,
) -> Result<saved_view::Model, Error> {
    let found = saved_view::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Error::NotFound { kind: "saved view" })
}

/// Writes one.
pub(crate) async fn insert(tx: &Tx, row: saved_view::Model) -> Result<(), Error> {
    saved_view::Entity::insert(saved_view::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Gives one another name, and says for whom it is.
pub(crate) async fn change(
    tx: &Tx,
    row: &saved_view::Model,
    (name, shared): (&str, bool),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let changed = saved_view::Entity::update_many()
        .col_expr(saved_view::Column::Name, Expr::value(name))
        .col_expr(saved_view::Column::Shared, Expr::value(shared))
        .col_expr(saved_view::Column::ChangedAt, Expr::value(now))
        .filter(saved_view::Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    guarded(&changed)
}

/// Forgets one.
pub(crate) async fn remove(tx: &Tx, id: SavedViewId) -> Result<(), Error> {
    saved_view::Entity::delete_many()
        .filter(saved_view::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}
