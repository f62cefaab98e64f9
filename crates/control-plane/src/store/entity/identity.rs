//! An agent's own principal, of one deployment.

use domain::id::{AgentId, DeploymentId, IdentityId};
use domain::identity::IdentityState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: IdentityId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) agent_id: AgentId,
    pub(crate) client_id: String,
    pub(crate) public_jwk: String,
    pub(crate) scopes: String,
    pub(crate) state: IdentityState,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
