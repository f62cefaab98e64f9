//! One person, as a company's directory tells of them.

use domain::id::{DirectoryUserId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DirectoryUserId,
    /// Short name of the sign-in provider whose directory it is.
    pub(crate) provider: String,
    pub(crate) user_id: UserId,
    pub(crate) user_name: String,
    /// The same, folded.
    pub(crate) user_key: String,
    /// The directory's own id.
    pub(crate) external_id: Option<String>,
    pub(crate) address: String,
    pub(crate) active: bool,
    pub(crate) display_name: Option<String>,
    pub(crate) name: String,
    pub(crate) emails: String,
    pub(crate) revision: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) changed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
