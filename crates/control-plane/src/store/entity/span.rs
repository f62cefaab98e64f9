//! A stretch of the log in which a fact held.

use domain::history::SpanKind;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spans")]
pub(crate) struct Model {
    /// The event that began it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) begun: i64,
    /// The event that ended it.
    pub(crate) ended: Option<i64>,
    pub(crate) kind: SpanKind,
    pub(crate) subject: String,
    pub(crate) place: String,
    pub(crate) fact: String,
    /// As the event has it.
    pub(crate) begun_at: String,
    pub(crate) ended_at: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
