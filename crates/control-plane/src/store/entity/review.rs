//! A review of who has which access.

use domain::id::{ReviewId, TeamId, UserId};
use domain::review::ReviewState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ReviewId,
    pub(crate) number: i64,
    /// The one team; `None` for everything.
    pub(crate) team_id: Option<TeamId>,
    /// What it covers, while it is open.
    pub(crate) open_key: Option<String>,
    pub(crate) state: ReviewState,
    pub(crate) idle_days: i32,
    pub(crate) started_by: UserId,
    pub(crate) started_by_name: String,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) signed_by: Option<UserId>,
    pub(crate) signed_by_name: Option<String>,
    pub(crate) signed_at: Option<DateTimeUtc>,
    pub(crate) digest: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
