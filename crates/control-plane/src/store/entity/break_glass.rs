//! A deployment that one person let go on without the approval, and the review of that.

use domain::break_glass::PostReviewState;
use domain::id::{AgentId, DeploymentId, TeamId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "break_glasses")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) deployment_number: i64,
    pub(crate) agent_id: AgentId,
    pub(crate) team_id: TeamId,
    pub(crate) manifest_digest: String,
    pub(crate) parties: String,
    pub(crate) reason: String,
    pub(crate) incident: String,
    pub(crate) state: PostReviewState,
    pub(crate) broken_by: UserId,
    pub(crate) broken_by_name: String,
    pub(crate) broken_at: DateTimeUtc,
    pub(crate) permitted_until: DateTimeUtc,
    pub(crate) used_at: Option<DateTimeUtc>,
    pub(crate) due_at: DateTimeUtc,
    pub(crate) reviewed_by: Option<UserId>,
    pub(crate) reviewed_by_name: Option<String>,
    pub(crate) review_reason: Option<String>,
    pub(crate) reviewed_at: Option<DateTimeUtc>,
    pub(crate) revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
