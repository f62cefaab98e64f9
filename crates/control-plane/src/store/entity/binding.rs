//! What a runtime's provider calls an identity.

use domain::binding::BindingProvider;
use domain::id::{BindingId, IdentityId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_bindings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: BindingId,
    pub(crate) identity_id: IdentityId,
    /// Provider and principal, while it lasts.
    pub(crate) open_key: Option<String>,
    pub(crate) provider: BindingProvider,
    pub(crate) principal: String,
    pub(crate) bound_by: String,
    pub(crate) bound_at: DateTimeUtc,
    pub(crate) released_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
