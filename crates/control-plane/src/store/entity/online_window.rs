//! What the last scored exchanges of a gate came to.

use domain::gate::Gate;
use domain::id::DeploymentId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "online_windows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment_id: DeploymentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) gate: Gate,
    /// A [`domain::gate::Measure`] as JSON.
    pub(crate) measure: String,
    /// Scored exchanges of the window that Clearance asked.
    pub(crate) probes: i32,
    /// Scored exchanges of the window that came with the agent's traces.
    pub(crate) sampled: i32,
    pub(crate) judged_at: DateTimeUtc,
    /// Since when the window is shown to be below its threshold.
    pub(crate) breached_since: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
