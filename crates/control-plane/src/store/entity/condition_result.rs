//! What a condition said of a deployment's manifest.

use domain::id::{ConditionResultId, DeploymentId};
use domain::policy::ConditionVerdict;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "condition_results")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ConditionResultId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) verdict: ConditionVerdict,
    pub(crate) judged_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
