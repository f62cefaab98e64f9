//! One external object in the ledger.

use domain::id::{DeploymentId, ResourceId};
use domain::ledger::{Origin, ResourceKind, ResourceState};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resources")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ResourceId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) sequence: i64,
    pub(crate) kind: ResourceKind,
    pub(crate) name: String,
    pub(crate) state: ResourceState,
    pub(crate) origin: Origin,
    pub(crate) attempts: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) next_attempt_at: DateTimeUtc,
    pub(crate) written_at: DateTimeUtc,
    pub(crate) settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
