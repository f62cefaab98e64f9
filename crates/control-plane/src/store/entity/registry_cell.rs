//! Agents of one team, framework, risk and standing, with the same labels, counted.

use domain::id::TeamId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registry_cells")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) team_id: TeamId,
    /// Empty before the first version.
    pub(crate) framework: String,
    pub(crate) risk: String,
    /// `domain::registry::Standings`, and 256 times the number of the set of labels (`registry_label_sets`).
    pub(crate) standings: i32,
    pub(crate) agents: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
