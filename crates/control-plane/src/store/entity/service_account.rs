//! A program of a team that proves itself by a CI's tokens.

use domain::id::{ServiceAccountId, TeamId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_accounts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ServiceAccountId,
    pub(crate) slug: String,
    pub(crate) team_id: TeamId,
    /// Whose roles it has at the most.
    pub(crate) owner_id: UserId,
    pub(crate) scopes: String,
    pub(crate) disabled_at: Option<DateTimeUtc>,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) last_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
