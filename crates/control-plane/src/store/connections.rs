//! Connections to git hosts.

use domain::id::ConnectionId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::entity::connection;
use crate::error::Error;
use crate::transact::Tx;

/// Every connection, by slug.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<connection::Model>, Error> {
    Ok(connection::Entity::find()
        .order_by_asc(connection::Column::Slug)
        .paginate(db, 500)
        .fetch_page(0)
        .await?)
}

/// A connection by slug.
pub(crate) async fn by_slug(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<connection::Model>, Error> {
    Ok(connection::Entity::find()
        .filter(connection::Column::Slug.eq(slug))
        .one(db)
        .await?)
}

/// A connection.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: ConnectionId,
) -> Result<Option<connection::Model>, Error> {
    Ok(connection::Entity::find_by_id(id).one(db).await?)
}

/// Writes a connection.
pub(crate) async fn insert(tx: &Tx, row: connection::Model) -> Result<(), Error> {
    connection::Entity::insert(connection::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Switches whether failed deployments become issues.
pub(crate) async fn set_opens_issues(tx: &Tx, id: ConnectionId, on: bool) -> Result<(), Error> {
    let changed = connection::Entity::update_many()
        .col_expr(connection::Column::OpensIssues, Expr::value(on))
        .filter(connection::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    super::guarded(&changed)
}
