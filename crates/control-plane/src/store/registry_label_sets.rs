//! Sets of labels that agents have, each with a number, so that cells can be told apart by it.

use std::collections::BTreeMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use super::entity::registry_label_set;
use crate::error::Error;
use crate::transact::Tx;

/// The sets of these numbers, each in order. No statement where no set is asked for.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<BTreeMap<i64, Vec<String>>, Error> {
    if numbers.iter().all(|number| *number == 0) {
        return Ok(BTreeMap::new());
    }
    let rows = registry_label_set::Entity::find()
        .filter(registry_label_set::Column::Id.is_in(numbers))
        .all(db)
        .await?;
    let words = |text: &str| text.split(',').map(str::to_owned).collect();
    let sets = rows.into_iter().map(|row| (row.id, words(&row.labels)));
    Ok(sets.collect())
}

/// The number of a set, made where there is none; 0 for no labels.
pub(crate) async fn number(tx: &Tx, labels: &[String]) -> Result<i64, Error> {
    use registry_label_set::Column as C;
    if labels.is_empty() {
        return Ok(0);
    }
    let text = labels.join(",");
    let find = || {
        registry_label_set::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::Labels.eq(&text))
            .into_tuple::<i64>()
    };
    if let Some(number) = find().one(&**tx).await? {
        return Ok(number);
    }
    let row = registry_label_set::ActiveModel {
        labels: Set(text.clone()),
        ..Default::default()
    };
    registry_label_set::Entity::insert(row)
        .on_conflict(OnConflict::column(C::Labels).do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(&**tx)
        .await?;
    let missing = || Error::internal("store::registry_label_sets::number", "the set is not there");
    find().one(&**tx).await?.ok_or_else(missing)
}
