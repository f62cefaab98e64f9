//! What one witness said of one checkpoint.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cosignatures")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) size: i64,
    /// `name+hash` of the witness's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key_id: String,
    /// The signature line, with its line feed.
    pub(crate) line: String,
    /// When it came here.
    pub(crate) at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
