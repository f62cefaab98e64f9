//! A live deployment that must not act.

use domain::id::{DeploymentId, IncidentId, QuarantineId};
use domain::incident::QuarantineState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantines")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: QuarantineId,
    pub(crate) incident_id: IncidentId,
    pub(crate) deployment_id: DeploymentId,
    /// The deployment, until the quarantine is over.
    pub(crate) open_key: Option<String>,
    pub(crate) state: QuarantineState,
    pub(crate) asked_by: String,
    pub(crate) reason: String,
    pub(crate) asked_at: DateTimeUtc,
    pub(crate) in_force_at: Option<DateTimeUtc>,
    pub(crate) over_at: Option<DateTimeUtc>,
    pub(crate) last_error: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
