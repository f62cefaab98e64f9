//! One browser session. The id is the hash of the cookie; the handle is its name for ending it, and opens nothing.

use domain::id::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) handle: Uuid,
    pub(crate) user_id: UserId,
    pub(crate) data: String,
    pub(crate) device: String,
    pub(crate) address: String,
    pub(crate) provider: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    /// The provider's own name of its session.
    pub(crate) provider_session: Option<String>,
    /// What the provider signed, to name the session when it is ended there.
    pub(crate) id_token: Option<String>,
    pub(crate) started_at: i64,
    pub(crate) seen_at: i64,
    pub(crate) expires_at: i64,
}

// The provider's token never appears in a log.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("handle", &self.handle)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
