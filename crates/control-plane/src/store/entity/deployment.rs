//! One attempt to make a version live in an environment.

use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::id::{AgentId, DeploymentId, UserId, VersionId};
use domain::runtime::RuntimeHealth;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deployments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DeploymentId,
    pub(crate) number: i64,
    pub(crate) agent_id: AgentId,
    pub(crate) version_id: VersionId,
    pub(crate) environment: Environment,
    pub(crate) kind: DeploymentKind,
    pub(crate) state: DeploymentState,
    pub(crate) requested_by: String,
    pub(crate) requested_by_user: Option<UserId>,
    pub(crate) reason: Option<String>,
    pub(crate) restores: Option<i64>,
    pub(crate) promotes: Option<i64>,
    pub(crate) rolls_back: Option<i64>,
    pub(crate) manifest: Option<String>,
    pub(crate) manifest_digest: Option<String>,
    pub(crate) authorised_digest: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) health: RuntimeHealth,
    pub(crate) health_at: Option<DateTimeUtc>,
    pub(crate) failure: Option<String>,
    pub(crate) receipt: Option<String>,
    pub(crate) policy_version: i32,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
    pub(crate) live_at: Option<DateTimeUtc>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) revision: i64,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
