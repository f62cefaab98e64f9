//! What a person asked to be put back as it was approved.

use domain::id::FindingId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reverts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) finding_id: FindingId,
    pub(crate) asked_by: String,
    pub(crate) reason: String,
    pub(crate) asked_at: DateTimeUtc,
    pub(crate) done_at: Option<DateTimeUtc>,
    pub(crate) last_error: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
