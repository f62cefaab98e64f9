//! One inbound webhook call, with its exact body.

use domain::delivery::DeliveryState;
use domain::id::{ConnectionId, DeliveryId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DeliveryId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) delivery_key: String,
    pub(crate) event: String,
    pub(crate) body_sha256: String,
    pub(crate) body: Vec<u8>,
    pub(crate) state: DeliveryState,
    pub(crate) note: Option<String>,
    pub(crate) received_at: DateTimeUtc,
    pub(crate) settled_at: Option<DateTimeUtc>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
