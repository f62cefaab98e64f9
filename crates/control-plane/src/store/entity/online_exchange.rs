//! One exchange with a live agent, judged.

use domain::gate::{Gate, Verdict};
use domain::id::{DeploymentId, OnlineExchangeId};
use domain::online::ExchangeOrigin;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "online_exchanges")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: OnlineExchangeId,
    pub(crate) deployment_id: DeploymentId,
    pub(crate) gate: Gate,
    pub(crate) origin: ExchangeOrigin,
    /// The case of a suite or the trace: exchanges of one key are looks at the same thing.
    pub(crate) case_key: String,
    pub(crate) asked: String,
    pub(crate) answered: String,
    /// `errored` where the agent or the network failed to answer, which counts for nothing.
    pub(crate) verdict: Verdict,
    pub(crate) why: String,
    pub(crate) latency_ms: i64,
    pub(crate) at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
