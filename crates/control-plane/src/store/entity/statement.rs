//! A signed statement, as one line of a bundle.

use domain::gate::Gate;
use domain::id::{DeploymentId, VersionId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statements")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: String,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) version_id: VersionId,
    pub(crate) gate: Option<Gate>,
    pub(crate) predicate_type: String,
    pub(crate) origin: String,
    pub(crate) report_digest: Option<String>,
    pub(crate) line: String,
    pub(crate) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
