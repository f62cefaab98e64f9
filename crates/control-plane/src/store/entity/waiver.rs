//! A person's acceptance of one finding.

use domain::environment::Environment;
use domain::gate::Gate;
use domain::id::{AgentId, UserId, WaiverId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waivers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: WaiverId,
    pub(crate) number: i64,
    pub(crate) agent_id: AgentId,
    pub(crate) environment: Environment,
    pub(crate) gate: Gate,
    pub(crate) finding: String,
    pub(crate) location: String,
    pub(crate) deployment: i64,
    pub(crate) reason: String,
    pub(crate) ends_at: DateTimeUtc,
    pub(crate) given_by: UserId,
    pub(crate) given_by_name: String,
    pub(crate) given_at: DateTimeUtc,
    pub(crate) revoked_at: Option<DateTimeUtc>,
    pub(crate) revoked_by_name: Option<String>,
    pub(crate) revoke_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
