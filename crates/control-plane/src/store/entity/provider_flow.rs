//! A sign-in at a provider that was begun. The id is the hash of its state; the row goes when it is used.

use domain::id::UserId;
use domain::sign_in::Purpose;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_flows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) purpose: Purpose,
    pub(crate) user_id: Option<UserId>,
    pub(crate) browser: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    pub(crate) next: String,
    pub(crate) network: String,
    pub(crate) begun_at: DateTimeUtc,
    pub(crate) expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
