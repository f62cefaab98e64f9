//! One movement of a watched branch.

use domain::delivery::PushState;
use domain::id::{AgentId, PushId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pushes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PushId,
    pub(crate) agent_id: AgentId,
    pub(crate) commit_id: String,
    pub(crate) before_commit: Option<String>,
    pub(crate) found_by: String,
    pub(crate) pushed_by: String,
    pub(crate) state: PushState,
    pub(crate) note: Option<String>,
    pub(crate) problems: String,
    pub(crate) found_at: DateTimeUtc,
    pub(crate) settled_at: Option<DateTimeUtc>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
