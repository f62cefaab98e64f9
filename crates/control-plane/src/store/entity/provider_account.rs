//! An account at a sign-in provider and whose it is. `issuer` and `subject` together are the key; an address never is.

use domain::id::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_accounts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: UserId,
    pub(crate) provider: String,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    /// What the provider's directory calls the account, as the provider signed it at the last sign-in.
    pub(crate) directory_id: Option<String>,
    pub(crate) linked_at: DateTimeUtc,
    pub(crate) last_used_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
