//! The catalogue of resources.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::id::TeamId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::catalogue;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most resources of one team whose lines its people see.
const OWNED_MAX: u64 = 500;

/// One resource.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<catalogue::Model>, Error> {
    Ok(catalogue::Entity::find_by_id(name).one(db).await?)
}

/// Several resources.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    names: Vec<String>,
) -> Result<Vec<catalogue::Model>, Error> {
    let query = catalogue::Entity::find().filter(catalogue::Column::Name.is_in(names));
    Ok(query.all(db).await?)
}

/// Resources by name, from the cursor on; those of one team if it is named.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    team: Option<TeamId>,
    after: &str,
    limit: u64,
) -> Result<Vec<catalogue::Model>, Error> {
    let mut query = catalogue::Entity::find()
        .filter(catalogue::Column::Name.gt(after))
        .order_by_asc(catalogue::Column::Name)
        .limit(limit);
    if let Some(team) = team {
        query = query.filter(catalogue::Column::TeamId.eq(team));
    }
    Ok(query.all(db).await?)
}

/// The classes of data behind resources, by name, where somebody said.
pub(crate) async fn classes(db: &impl ConnectionTrait) -> Result<HashMap<String, String>, Error> {
    let query = catalogue::Entity::find()
        .filter(catalogue::Column::DataClass.ne(""))
        .select_only()
        .columns([catalogue::Column::Name, catalogue::Column::DataClass])
        .into_tuple();
    Ok(query.all(db).await?.into_iter().collect())
}

/// The names of what some teams look after, bounded.
pub(crate) async fn owned(
    db: &impl ConnectionTrait,
    teams: &[TeamId],
) -> Result<Vec<String>, Error> {
    let query = catalogue::Entity::find()
        .select_only()
        .column(catalogue::Column::Name)
        .filter(catalogue::Column::TeamId.is_in(teams.iter().copied()))
        .limit(OWNED_MAX);
    Ok(query.into_tuple().all(db).await?)
}

/// Writes a resource.
pub(crate) async fn insert(tx: &Tx, row: catalogue::Model) -> Result<(), Error> {
    catalogue::Entity::insert(catalogue::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Writes what is said of a resource now, over the revision that was read.
pub(crate) async fn change(
    tx: &Tx,
    old: &catalogue::Model,
    new: &catalogue::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    use catalogue::Column as C;
    let changed = catalogue::Entity::update_many()
        .col_expr(C::TeamId, Expr::value(new.team_id))
        .col_expr(C::Description, Expr::value(new.description.as_str()))
        .col_expr(C::DataClass, Expr::value(new.data_class.as_str()))
        .col_expr(C::Actions, Expr::value(new.actions.as_str()))
        .col_expr(C::Revision, Expr::value(old.revision + 1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Name.eq(&old.name))
        .filter(C::Revision.eq(old.revision))
        .exec(&**tx)
        .await?;
    guarded(&changed)
}

/// Takes a resource out of the catalogue.
pub(crate) async fn remove(tx: &Tx, row: &catalogue::Model) -> Result<(), Error> {
    catalogue::Entity::delete_many()
        .filter(catalogue::Column::Name.eq(&row.name))
        .exec(&**tx)
        .await?;
    Ok(())
}
