//! A role in a team that a person asked for, or holds for a time.

use domain::actor::Role;
use domain::elevation::ElevationState;
use domain::id::{TeamId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "elevations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) user_id: UserId,
    pub(crate) user_name: String,
    pub(crate) role: Role,
    pub(crate) team_id: TeamId,
    pub(crate) hours: i32,
    pub(crate) reason: String,
    pub(crate) state: ElevationState,
    pub(crate) requested_at: DateTimeUtc,
    /// When the request expires; once it is active, when the role ends.
    pub(crate) until: DateTimeUtc,
    pub(crate) decided_by: Option<UserId>,
    pub(crate) decided_by_name: Option<String>,
    pub(crate) decision_reason: Option<String>,
    pub(crate) decided_at: Option<DateTimeUtc>,
    pub(crate) ended_by_name: Option<String>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
