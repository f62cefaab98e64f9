//! One message to one receiver.

use domain::id::{ChannelId, MessageId, NoticeId, TeamId, UserId};
use domain::notification::{ChannelKind, MessageState};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: MessageId,
    pub(crate) notice_id: NoticeId,
    pub(crate) team_id: Option<TeamId>,
    pub(crate) kind: ChannelKind,
    pub(crate) user_id: Option<UserId>,
    pub(crate) channel_id: Option<ChannelId>,
    pub(crate) dedupe: String,
    pub(crate) state: MessageState,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) sent_at: Option<DateTimeUtc>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
