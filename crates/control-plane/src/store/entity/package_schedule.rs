//! A schedule of evidence packages.

use domain::controls::Framework;
use domain::id::{ScheduleId, UserId};
use domain::package::{Every, ScheduleState};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "package_schedules")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ScheduleId,
    pub(crate) number: i64,
    /// What it has made, until it is removed.
    pub(crate) open_key: Option<String>,
    pub(crate) framework: Framework,
    /// Slug of the one agent.
    pub(crate) agent: Option<String>,
    pub(crate) every: Every,
    pub(crate) sample: i32,
    pub(crate) state: ScheduleState,
    /// Why Clearance paused it.
    pub(crate) problem: Option<String>,
    /// By whose right it runs.
    pub(crate) kept_by: UserId,
    pub(crate) kept_by_name: String,
    /// Beginning of the first period that was not ordered yet.
    pub(crate) next_from: DateTimeUtc,
    pub(crate) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
