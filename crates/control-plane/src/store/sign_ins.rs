//! Sign-ins that failed, by network.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use uuid::Uuid;

use super::entity::sign_in_failure;
use crate::error::Error;
use crate::transact::Tx;

/// How many failed after `since`, Unix seconds.
pub(crate) async fn count(
    db: &impl ConnectionTrait,
    network: &str,
    since: i64,
) -> Result<u64, Error> {
    let query = sign_in_failure::Entity::find()
        .filter(sign_in_failure::Column::Network.eq(network))
        .filter(sign_in_failure::Column::At.gt(since));
    Ok(query.count(db).await?)
}

/// Writes one.
pub(crate) async fn insert(tx: &Tx, id: Uuid, network: &str, at: i64) -> Result<(), Error> {
    let row = sign_in_failure::Model {
        id,
        network: network.to_owned(),
        at,
    };
    sign_in_failure::Entity::insert(row.into_active_model())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes one back: it did not fail.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<(), Error> {
    sign_in_failure::Entity::delete_by_id(id)
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Forgets those up to `before`, Unix seconds.
pub(crate) async fn sweep(tx: &Tx, before: i64) -> Result<(), Error> {
    sign_in_failure::Entity::delete_many()
        .filter(sign_in_failure::Column::At.lte(before))
        .exec(&**tx)
        .await?;
    Ok(())
}
