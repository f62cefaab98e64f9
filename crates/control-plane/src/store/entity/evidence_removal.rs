//! That the evidence of a version was removed.

use domain::id::{EvidenceRemovalId, VersionId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence_removals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: EvidenceRemovalId,
    pub(crate) version_id: VersionId,
    /// The policy that kept it no longer, and its days.
    pub(crate) policy_version: i32,
    pub(crate) days: i32,
    pub(crate) removed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
