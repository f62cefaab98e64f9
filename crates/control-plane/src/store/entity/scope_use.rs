//! How an identity uses one of its scopes. Outlives the single acts.

use domain::id::IdentityId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scope_uses")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) identity_id: IdentityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) scope: String,
    pub(crate) calls: i64,
    pub(crate) last_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
