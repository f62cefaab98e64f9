//! What a running agent answered to one question of its gates.

use domain::id::DeploymentId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment_id: DeploymentId,
    /// Digest of what was asked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) question: String,
    /// The how manieth time it was asked, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) turn: i32,
    pub(crate) answer: String,
    /// What the agent reports of how it came to the answer, as JSON.
    pub(crate) trace: Option<String>,
    pub(crate) latency_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
