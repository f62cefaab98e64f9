//! One execution of a gate.

use domain::gate::{Gate, GateRunState, Verdict};
use domain::id::{DeploymentId, GateRunId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gate_runs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: GateRunId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) gate: Gate,
    pub(crate) state: GateRunState,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) reason: Option<String>,
    pub(crate) summary: String,
    pub(crate) evidence_digest: Option<String>,
    pub(crate) carried_from: Option<i64>,
    pub(crate) attempts: i32,
    pub(crate) started_at: Option<DateTimeUtc>,
    pub(crate) settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
