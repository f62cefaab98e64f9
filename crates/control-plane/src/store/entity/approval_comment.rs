//! What somebody wrote about a waiting approval.

use domain::id::{ApprovalId, CommentId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approval_comments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: CommentId,
    pub(crate) approval_id: ApprovalId,
    pub(crate) user_id: UserId,
    pub(crate) user_name: String,
    pub(crate) text: String,
    pub(crate) written_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
