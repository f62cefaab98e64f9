//! What a model of language makes of each agent.

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{registry_entry, registry_meaning};
use crate::error::Error;
use crate::transact::Tx;
use registry_meaning::Column as C;

/// Puts what a model makes of an agent in the place of what was there.
pub(crate) async fn set(tx: &Tx, row: registry_meaning::Model) -> Result<(), Error> {
    let mut conflict = OnConflict::column(C::Number);
    registry_meaning::Entity::insert(registry_meaning::ActiveModel::from(row))
        .on_conflict(conflict.update_columns([C::Model, C::Vector]).to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Those of one model above a number, by their numbers, bounded.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    model: &str,
    above: i64,
    limit: u64,
) -> Result<Vec<registry_meaning::Model>, Error> {
    let query = registry_meaning::Entity::find()
        .filter(C::Number.gt(above))
        .filter(C::Model.eq(model))
        .order_by_asc(C::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Entries of which a model was not asked yet, oldest first, bounded.
pub(crate) async fn missing(
    db: &impl ConnectionTrait,
    model: &str,
    limit: u64,
) -> Result<Vec<registry_entry::Model>, Error> {
    let there = Query::select()
        .column(C::Number)
        .from(registry_meaning::Entity)
        .and_where(C::Model.eq(model))
        .to_owned();
    let query = registry_entry::Entity::find()
        .filter(registry_entry::Column::Number.not_in_subquery(there))
        .order_by_asc(registry_entry::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}
