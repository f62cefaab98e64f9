//! What an agent is found by, counted by and compared by.

use domain::id::{AgentId, VersionId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registry_entries")]
pub(crate) struct Model {
    /// Its row in the full-text index.
    #[sea_orm(primary_key)]
    pub(crate) number: i64,
    pub(crate) agent_id: AgentId,
    pub(crate) slug: String,
    pub(crate) cell_id: i64,
    /// The version whose manifest the profile is from.
    pub(crate) version_id: Option<VersionId>,
    /// JSON of `domain::registry::Profile`.
    pub(crate) profile: String,
    /// Is it compared with the others as it is now?
    pub(crate) compared: bool,
    pub(crate) revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
