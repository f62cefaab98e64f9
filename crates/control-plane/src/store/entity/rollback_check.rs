//! Whether a live deployment could be rolled back, as it was looked at last.

use domain::id::DeploymentId;
use domain::rollback::Readiness;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollback_checks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment_id: DeploymentId,
    /// The deployment that would be restored.
    pub(crate) target: Option<i64>,
    pub(crate) readiness: Readiness,
    pub(crate) checked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
