//! Something that is not as it should be.

use domain::finding::{FindingKind, FindingState, SubjectKind};
use domain::id::{AgentId, FindingId, TeamId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "findings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: FindingId,
    pub(crate) number: i64,
    pub(crate) kind: FindingKind,
    pub(crate) state: FindingState,
    /// What it is about, while it is not resolved.
    pub(crate) open_key: Option<String>,
    pub(crate) subject_kind: SubjectKind,
    pub(crate) subject: String,
    pub(crate) agent_id: Option<AgentId>,
    pub(crate) deployment: Option<i64>,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) owner_id: Option<UserId>,
    pub(crate) what: String,
    pub(crate) expected: Option<String>,
    pub(crate) found: Option<String>,
    pub(crate) sightings: i32,
    pub(crate) first_seen: DateTimeUtc,
    pub(crate) last_seen: DateTimeUtc,
    pub(crate) ignored_until: Option<DateTimeUtc>,
    pub(crate) ignored_by: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) resolved_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
