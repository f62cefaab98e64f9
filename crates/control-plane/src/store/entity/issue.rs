//! An issue on the git host about a deployment that failed.

use domain::environment::Environment;
use domain::id::{AgentId, DeploymentId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issues")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment_id: DeploymentId,
    pub(crate) agent_id: AgentId,
    pub(crate) environment: Environment,
    pub(crate) key: String,
    pub(crate) url: String,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
