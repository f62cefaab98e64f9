//! Connections to git hosts.

use domain::id::ConnectionId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

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
