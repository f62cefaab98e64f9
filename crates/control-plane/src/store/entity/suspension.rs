//! An identity that must not act for now.

use domain::id::{IdentityId, SuspensionId};
use domain::suspension::SuspensionState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suspensions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SuspensionId,
    pub(crate) identity_id: IdentityId,
    /// The identity, until the suspension is lifted or over.
    pub(crate) open_key: Option<String>,
    pub(crate) state: SuspensionState,
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
