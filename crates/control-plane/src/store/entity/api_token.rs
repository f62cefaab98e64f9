//! One API token, by the hash of its secret.

use domain::id::{ServiceAccountId, TokenId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: TokenId,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) secret_hash: String,
    pub(crate) scopes: String,
    pub(crate) expires_at: DateTimeUtc,
    pub(crate) revoked_at: Option<DateTimeUtc>,
    pub(crate) created_at: DateTimeUtc,
    /// The first characters of its text, to tell it by.
    pub(crate) prefix: String,
    pub(crate) last_used_at: Option<DateTimeUtc>,
    /// The service account that it was given to; none where a person made it.
    pub(crate) service_account_id: Option<ServiceAccountId>,
    /// The provider whose directory it is of: it opens SCIM and nothing else. None of every other token.
    pub(crate) directory: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
