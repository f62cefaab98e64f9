//! A version of the policy.

use domain::id::UserId;
use domain::policy::PolicyState;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) digest: String,
    pub(crate) state: PolicyState,
    /// None for the one that Clearance comes with.
    pub(crate) proposed_by: Option<UserId>,
    pub(crate) proposed_by_name: String,
    pub(crate) reason: String,
    pub(crate) proposed_at: Option<DateTimeUtc>,
    pub(crate) decided_by: Option<UserId>,
    pub(crate) decided_by_name: Option<String>,
    pub(crate) decision_reason: Option<String>,
    pub(crate) decided_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
