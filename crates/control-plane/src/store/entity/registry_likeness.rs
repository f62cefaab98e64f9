//! Two agents that are alike; the smaller id first.

use domain::id::AgentId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registry_likenesses")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) one_id: AgentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) other_id: AgentId,
    /// In thousandths.
    pub(crate) likeness: i32,
    /// By what they mean alone.
    pub(crate) meaning: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
