//! Which agents a delivery concerned.

use domain::id::{AgentId, DeliveryId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_agents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) delivery_id: DeliveryId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) agent_id: AgentId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
