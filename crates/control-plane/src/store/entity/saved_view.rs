//! Filters of the audit trail or of the registry that a person keeps under a name.

use domain::id::{SavedViewId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_views")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SavedViewId,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    /// [`domain::form::query::AuditQuery`] as JSON.
    pub(crate) filters: String,
    /// [`domain::form::query::AgentQuery`] as JSON: then it is a view of the registry, and the filters above are empty.
    pub(crate) agents: Option<String>,
    /// Do others find it?
    pub(crate) shared: bool,
    pub(crate) saved_at: DateTimeUtc,
    pub(crate) changed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
