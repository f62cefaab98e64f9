//! An agent with its source.

use domain::agent::{Framework, Risk};
use domain::id::{AgentId, ConnectionId, TeamId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AgentId,
    pub(crate) slug: String,
    pub(crate) team_id: TeamId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) repository: String,
    pub(crate) repository_key: String,
    pub(crate) branch: String,
    pub(crate) path: String,
    pub(crate) description: String,
    pub(crate) framework: Option<Framework>,
    pub(crate) risk: Option<Risk>,
    pub(crate) head_commit: Option<String>,
    pub(crate) created_by: String,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) decommissioned_at: Option<DateTimeUtc>,
    pub(crate) revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
