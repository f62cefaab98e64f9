//! A piece of an evidence package, as one claim of it wrote it down.

use domain::id::PackageId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "package_pieces")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) package_id: PackageId,
    /// Of the claim that wrote it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) fence: i64,
    /// Its place, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) piece: i64,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
