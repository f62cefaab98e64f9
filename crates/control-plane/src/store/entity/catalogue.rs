//! What scopes name, as its owners describe it.

use domain::id::TeamId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "catalogue")]
pub(crate) struct Model {
    /// What scopes begin with.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) description: String,
    /// Empty where nobody said.
    pub(crate) data_class: String,
    /// Name to description, JSON.
    pub(crate) actions: String,
    pub(crate) revision: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
