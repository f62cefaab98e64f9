//! One act of an agent at a resource, attributed when it was reported. Never updated.

use domain::access_event::{Coverage, EventSource};
use domain::environment::Environment;
use domain::id::{AccessEventId, AgentId, IdentityId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_events")]
pub(crate) struct Model {
    /// Made of the time of the act, so that it sorts by it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AccessEventId,
    /// Id of the token, or client id of the agent, that reported it.
    pub(crate) reporter: String,
    pub(crate) reporter_name: String,
    pub(crate) source: EventSource,
    /// The reporter's own id of the event.
    pub(crate) key: String,
    /// The client id that the reporter saw.
    pub(crate) identity: String,
    /// What the client id is ours by; none of it where it is unknown.
    pub(crate) identity_id: Option<IdentityId>,
    pub(crate) agent_id: Option<AgentId>,
    pub(crate) version: Option<String>,
    pub(crate) environment: Option<Environment>,
    pub(crate) deployment: Option<i64>,
    pub(crate) approval: Option<i64>,
    pub(crate) resource: String,
    pub(crate) action: String,
    pub(crate) object: Option<String>,
    pub(crate) allowed: bool,
    pub(crate) coverage: Coverage,
    pub(crate) occurred_at: DateTimeUtc,
    pub(crate) received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
