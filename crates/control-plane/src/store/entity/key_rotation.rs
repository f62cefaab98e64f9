//! Another key for an identity.

use domain::id::{IdentityId, KeyRotationId};
use domain::key_rotation::KeyRotationState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_rotations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: KeyRotationId,
    pub(crate) identity_id: IdentityId,
    /// The identity, until it is done or over.
    pub(crate) open_key: Option<String>,
    pub(crate) state: KeyRotationState,
    pub(crate) asked_by: String,
    pub(crate) reason: String,
    pub(crate) asked_at: DateTimeUtc,
    pub(crate) over_at: Option<DateTimeUtc>,
    pub(crate) last_error: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
