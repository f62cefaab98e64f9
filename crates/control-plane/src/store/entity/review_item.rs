//! One access that a review lists, as it was when the review started.

use domain::id::{ReviewId, UserId};
use domain::review::{ItemKind, ItemVerdict};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_items")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) review_id: ReviewId,
    /// Its place in the review, from 1.
    pub(crate) item: i64,
    pub(crate) kind: ItemKind,
    /// Id of the grant or token, number of the elevation, id of the account, client id.
    pub(crate) subject: String,
    /// Whose access it is; none of an agent's.
    pub(crate) user_id: Option<UserId>,
    pub(crate) person: Option<String>,
    pub(crate) what: String,
    pub(crate) team: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) since: Option<DateTimeUtc>,
    pub(crate) given_by: Option<String>,
    pub(crate) last_used: Option<DateTimeUtc>,
    pub(crate) unused: bool,
    pub(crate) verdict: Option<ItemVerdict>,
    pub(crate) reason: Option<String>,
    pub(crate) decided_by: Option<UserId>,
    pub(crate) decided_by_name: Option<String>,
    pub(crate) decided_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
