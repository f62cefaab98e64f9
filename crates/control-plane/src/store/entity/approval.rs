//! A question to people about one manifest digest.

use domain::approval::ApprovalState;
use domain::id::{AgentId, ApprovalId, DeploymentId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approvals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ApprovalId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) agent_id: AgentId,
    pub(crate) number: i64,
    pub(crate) round: i32,
    pub(crate) state: ApprovalState,
    pub(crate) manifest_digest: String,
    pub(crate) manifest: String,
    pub(crate) parties: String,
    pub(crate) changes: String,
    pub(crate) diff: String,
    pub(crate) quorum: i32,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) expires_at: DateTimeUtc,
    pub(crate) settled_at: Option<DateTimeUtc>,
    pub(crate) revision: i64,
    pub(crate) remind_at: Option<DateTimeUtc>,
    pub(crate) reminded_at: Option<DateTimeUtc>,
    pub(crate) escalate_at: Option<DateTimeUtc>,
    pub(crate) escalated_at: Option<DateTimeUtc>,
    /// When it expires unused; known once it is given.
    pub(crate) use_by: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
