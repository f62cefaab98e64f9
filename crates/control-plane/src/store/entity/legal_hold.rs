//! Whose evidence and access events nobody removes for now.

use domain::id::{AgentId, LegalHoldId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legal_holds")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: LegalHoldId,
    /// None for everything.
    pub(crate) agent_id: Option<AgentId>,
    /// What it covers, while it lasts.
    pub(crate) open_key: Option<String>,
    pub(crate) reason: String,
    pub(crate) placed_by: String,
    pub(crate) placed_at: DateTimeUtc,
    pub(crate) released_by: Option<String>,
    pub(crate) release_reason: Option<String>,
    pub(crate) released_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
