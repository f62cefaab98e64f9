//! Which deployment is live where: the registry state.

use domain::environment::Environment;
use domain::id::{AgentId, DeploymentId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "live")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) agent_id: AgentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) environment: Environment,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) since: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
