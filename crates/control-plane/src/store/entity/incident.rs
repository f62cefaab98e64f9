//! Something misbehaved.

use domain::environment::Environment;
use domain::id::{AgentId, IncidentId, UserId};
use domain::incident::{IncidentCause, IncidentState};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: IncidentId,
    pub(crate) number: i64,
    /// What Clearance opened it about, until it is closed.
    pub(crate) open_key: Option<String>,
    pub(crate) agent_id: AgentId,
    pub(crate) environment: Environment,
    /// The deployment that was live.
    pub(crate) deployment: Option<i64>,
    pub(crate) cause: IncidentCause,
    pub(crate) state: IncidentState,
    pub(crate) title: String,
    pub(crate) opened_by: String,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) owner_id: Option<UserId>,
    pub(crate) mitigation: Option<String>,
    pub(crate) mitigated_at: Option<DateTimeUtc>,
    pub(crate) lesson: Option<String>,
    pub(crate) closed_by: Option<String>,
    pub(crate) closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
