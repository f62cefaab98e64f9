//! One engine behind the gates, as it was found.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engines")]
pub(crate) struct Model {
    /// Its place in the list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) place: i64,
    /// A [`domain::view::engine::EngineRow`], as JSON.
    pub(crate) body: String,
    pub(crate) looked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
