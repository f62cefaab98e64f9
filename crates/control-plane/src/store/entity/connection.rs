//! A connection to a git host.

use domain::connection::ConnectionKind;
use domain::id::ConnectionId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connections")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ConnectionId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) kind: ConnectionKind,
    pub(crate) secret_reference: String,
    pub(crate) opens_issues: bool,
    pub(crate) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
