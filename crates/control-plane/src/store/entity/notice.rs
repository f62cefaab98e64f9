//! What one event is told as.

use domain::id::{NoticeId, TeamId};
use domain::notification::Subject;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notices")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: NoticeId,
    pub(crate) event: Option<i64>,
    pub(crate) action: String,
    pub(crate) subject: Subject,
    pub(crate) agent: Option<String>,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) deployment: Option<i64>,
    pub(crate) title: String,
    pub(crate) message: String,
    pub(crate) at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
