//! A live deployment that is judged bad, or is on the way to it.

use domain::id::DeploymentId;
use domain::incident::IncidentCause;
use domain::rollback::LeaveReason;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "live_failures")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment_id: DeploymentId,
    pub(crate) cause: IncidentCause,
    pub(crate) what: String,
    /// Bad looks in a row.
    pub(crate) looks: i32,
    pub(crate) failing_since: DateTimeUtc,
    pub(crate) last_look: DateTimeUtc,
    /// Why it was left to people.
    pub(crate) left_because: Option<LeaveReason>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
