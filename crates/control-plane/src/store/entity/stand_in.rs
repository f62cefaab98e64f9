//! Somebody standing in for somebody who is away.

use domain::id::{StandInId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stand_ins")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: StandInId,
    pub(crate) absent_id: UserId,
    pub(crate) user_id: UserId,
    pub(crate) begins_at: DateTimeUtc,
    pub(crate) ends_at: DateTimeUtc,
    pub(crate) reason: Option<String>,
    pub(crate) named_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
