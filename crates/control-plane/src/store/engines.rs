//! Engines, as they were found when they were last looked at.

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};

use super::entity::engine;
use crate::error::Error;
use crate::transact::Tx;

/// All of them, in their order.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<engine::Model>, Error> {
    let query = engine::Entity::find().order_by_asc(engine::Column::Place);
    Ok(query.all(db).await?)
}

/// Puts what was found in the place of what was found before.
pub(crate) async fn replace(tx: &Tx, rows: Vec<engine::Model>) -> Result<(), Error> {
    engine::Entity::delete_many().exec(&**tx).await?;
    if rows.is_empty() {
        return Ok(());
    }
    engine::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
