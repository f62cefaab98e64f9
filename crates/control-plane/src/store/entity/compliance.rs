//! Whether a live deployment still complies with the policy in force.

use domain::id::{ComplianceId, DeploymentId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "compliance")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ComplianceId,
    pub(crate) deployment_id: DeploymentId,
    /// A JSON list of sentences; only what lacks something has a row.
    pub(crate) reasons: String,
    pub(crate) policy_version: i32,
    pub(crate) since: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
