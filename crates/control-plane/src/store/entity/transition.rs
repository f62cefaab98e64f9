//! One arrow that a deployment took.

use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::id::DeploymentId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transitions")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) from_state: DeploymentState,
    pub(crate) to_state: DeploymentState,
    pub(crate) event: DeploymentEvent,
    pub(crate) at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
