//! When a live deployment is looked at next.

use domain::id::DeploymentId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "online_watches")]
pub(crate) struct Model {
    /// The deployment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DeploymentId,
    /// How many cases were asked so far: the next round goes on there, and begins anew after the last case.
    pub(crate) next_case: i64,
    /// When the next round of probes is due.
    pub(crate) probe_at: DateTimeUtc,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
