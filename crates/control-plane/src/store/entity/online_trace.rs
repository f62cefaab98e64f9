//! Sampled traffic of a live agent that waits for its score.

use domain::id::{DeploymentId, OnlineTraceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "online_traces")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: OnlineTraceId,
    pub(crate) deployment_id: DeploymentId,
    /// Trace and span id: the same span counts once.
    pub(crate) span: String,
    pub(crate) trace: String,
    /// `waiting` or `done`.
    pub(crate) state: String,
    /// A [`domain::online::Traffic`] as JSON; empty once it is scored.
    pub(crate) body: String,
    pub(crate) received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
