//! One role of one person, in one team or in all.

use domain::actor::Role;
use domain::id::{TeamId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) granted_at: DateTimeUtc,
    /// The sign-in provider that gave it and takes it back; none where a person did.
    pub(crate) provider: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
