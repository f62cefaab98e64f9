//! One person's answer.

use domain::approval::DecisionVerdict;
use domain::id::{ApprovalId, DecisionId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decisions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DecisionId,
    pub(crate) approval_id: ApprovalId,
    pub(crate) user_id: UserId,
    pub(crate) user_name: String,
    pub(crate) verdict: DecisionVerdict,
    pub(crate) reason: Option<String>,
    pub(crate) manifest_digest: String,
    pub(crate) decided_at: DateTimeUtc,
    pub(crate) on_behalf_of: Option<UserId>,
    pub(crate) on_behalf_of_name: Option<String>,
    /// Slugs of the groups that it counts for, JSON.
    pub(crate) groups: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
