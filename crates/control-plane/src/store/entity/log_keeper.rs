//! Somebody outside who keeps heads of the audit log: a witness, or an anchor.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_keepers")]
pub(crate) struct Model {
    /// `witness:` and the id of its key, `git` or `mail`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    /// The log whose head it keeps; empty before the first.
    pub(crate) origin: String,
    /// The size of that head.
    pub(crate) size: i64,
    pub(crate) kept_at: Option<DateTimeUtc>,
    /// Under which name it keeps it there, if it has one: a commit.
    pub(crate) kept_as: Option<String>,
    /// What stood in the way at the last try.
    pub(crate) trouble: Option<String>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
