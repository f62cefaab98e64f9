//! A passkey of a person: the public key and what the authenticator said about itself. Nothing in it is secret.

use domain::id::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: UserId,
    /// The credential's id in base64url: one authenticator's key is one person's.
    pub(crate) credential: String,
    pub(crate) name: String,
    /// The library's record of it, as JSON.
    pub(crate) data: String,
    /// How often the authenticator says that it signed; 0 where it does not count.
    pub(crate) counter: i64,
    pub(crate) made_at: DateTimeUtc,
    pub(crate) last_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
