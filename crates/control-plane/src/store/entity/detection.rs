//! What a look at an agent's source found, or the order for one.

use domain::detection::{LookProblem, LookState};
use domain::id::{AgentId, DetectionId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "detections")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DetectionId,
    pub(crate) agent_id: AgentId,
    pub(crate) state: LookState,
    pub(crate) ordered_at: DateTimeUtc,
    /// The commit that was read.
    pub(crate) commit_id: Option<String>,
    /// `Detected` as JSON.
    pub(crate) found: Option<String>,
    pub(crate) problem: Option<LookProblem>,
    /// What the git host said.
    pub(crate) detail: Option<String>,
    /// The secret of the connection's webhook could be read.
    pub(crate) secret_known: Option<bool>,
    pub(crate) looked_at: Option<DateTimeUtc>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
