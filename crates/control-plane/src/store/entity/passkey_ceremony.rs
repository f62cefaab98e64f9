//! What a browser was asked about a passkey. The id is the hash of what the browser must show; the row goes with the answer.

use domain::id::UserId;
use domain::passkey::PasskeyPurpose;
use sea_orm::entity::prelude::*;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey_ceremonies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) purpose: PasskeyPurpose,
    pub(crate) user_id: UserId,
    /// The session that it was begun in; none before there is one.
    pub(crate) session: Option<Uuid>,
    /// The attempt to sign in that counts as failed until this is answered well.
    pub(crate) attempt: Option<Uuid>,
    /// The name of the passkey that is made.
    pub(crate) name: String,
    /// What the browser is asked, as JSON.
    pub(crate) options: String,
    /// What the answer is checked against, as JSON. It never leaves the server.
    pub(crate) state: String,
    pub(crate) next: String,
    pub(crate) expires_at: i64,
}

// The challenge never appears in a log.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasskeyCeremony")
            .field("purpose", &self.purpose)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
