//! An evidence package, from its order to its end.

use domain::controls::Framework;
use domain::id::{PackageId, ScheduleId, UserId};
use domain::package::PackageState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "packages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PackageId,
    pub(crate) number: i64,
    /// What was ordered, until it is made.
    pub(crate) open_key: Option<String>,
    /// The schedule and the period of it.
    pub(crate) period_key: Option<String>,
    pub(crate) schedule_id: Option<ScheduleId>,
    pub(crate) framework: Framework,
    pub(crate) from_at: DateTimeUtc,
    pub(crate) to_at: DateTimeUtc,
    /// Slug of the one agent.
    pub(crate) agent: Option<String>,
    /// Of a scheduled one it is written when it is built.
    pub(crate) seed: String,
    pub(crate) sample: i32,
    pub(crate) ordered_by: Option<UserId>,
    pub(crate) ordered_by_name: String,
    pub(crate) ordered_at: DateTimeUtc,
    pub(crate) state: PackageState,
    pub(crate) step: Option<String>,
    pub(crate) problem: Option<String>,
    /// There may be pieces of it.
    pub(crate) kept: bool,
    pub(crate) events: Option<i64>,
    pub(crate) files: Option<i64>,
    pub(crate) bytes: Option<i64>,
    pub(crate) digest: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) log_size: Option<i64>,
    pub(crate) log_root: Option<String>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) removed_by: Option<String>,
    pub(crate) removed_at: Option<DateTimeUtc>,
    pub(crate) remove_reason: Option<String>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
