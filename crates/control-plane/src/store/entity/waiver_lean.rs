//! A gate of a deployment that leans on a waiver.

use domain::gate::Gate;
use domain::id::{DeploymentId, WaiverId, WaiverLeanId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waiver_leans")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: WaiverLeanId,
    pub(crate) waiver_id: WaiverId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) gate: Gate,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
