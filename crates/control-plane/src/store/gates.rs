//! Gate runs.

use chrono::{DateTime, Utc};
use domain::gate::{Gate, GateRunState, Verdict};
use domain::id::{DeploymentId, GateRunId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use super::entity::gate_run;
use super::guarded;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// The gate runs of a deployment, in order of creation.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Vec<gate_run::Model>, Error> {
    let query = gate_run::Entity::find()
        .filter(gate_run::Column::DeploymentId.eq(deployment))
        .order_by_asc(gate_run::Column::Id);
    Ok(query.all(db).await?)
}

/// Writes a pending run for each gate.
pub(crate) async fn plan(tx: &Tx, deployment: DeploymentId, gates: &[Gate]) -> Result<(), Error> {
    for gate in gates {
        let row = gate_run::Model {
            id: GateRunId(ids::new()),
            deployment_id: deployment,
            gate: *gate,
            state: GateRunState::Pending,
            verdict: None,
            reason: None,
            summary: String::new(),
            evidence_digest: None,
            carried_from: None,
            attempts: 0,
            started_at: None,
            settled_at: None,
        };
        insert(tx, row).await?;
    }
    Ok(())
}

/// Writes a run, such as one that is carried over.
pub(crate) async fn insert(tx: &Tx, row: gate_run::Model) -> Result<(), Error> {
    gate_run::Entity::insert(gate_run::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes that a run has begun, or begun again.
pub(crate) async fn start(tx: &Tx, row: &gate_run::Model, now: DateTime<Utc>) -> Result<(), Error> {
    let started = gate_run::Entity::update_many()
        .col_expr(gate_run::Column::State, Expr::value(GateRunState::Running))
        .col_expr(gate_run::Column::StartedAt, Expr::value(now))
        .col_expr(gate_run::Column::Attempts, Expr::value(row.attempts + 1))
        .filter(gate_run::Column::Id.eq(row.id))
        .filter(gate_run::Column::State.ne(GateRunState::Settled))
        .exec(&**tx)
        .await?;
    guarded(&started)
}

/// Says how far a run is, in the words that its box shows.
pub(crate) async fn progress(tx: &Tx, id: GateRunId, words: &str) -> Result<(), Error> {
    let said = gate_run::Entity::update_many()
        .col_expr(gate_run::Column::Summary, Expr::value(words))
        .filter(gate_run::Column::Id.eq(id))
        .filter(gate_run::Column::State.eq(GateRunState::Running))
        .exec(&**tx)
        .await?;
    guarded(&said)
}

/// What a run came to.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
    pub(crate) summary: String,
    pub(crate) evidence_digest: Option<String>,
}

/// Settles a run, once.
pub(crate) async fn settle(
    tx: &Tx,
    id: GateRunId,
    settled: &Settled,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let done = gate_run::Entity::update_many()
        .col_expr(gate_run::Column::State, Expr::value(GateRunState::Settled))
        .col_expr(
            gate_run::Column::Verdict,
            Expr::value(Some(settled.verdict)),
        )
        .col_expr(
            gate_run::Column::Reason,
            Expr::value(settled.reason.clone()),
        )
        .col_expr(
            gate_run::Column::Summary,
            Expr::value(settled.summary.as_str()),
        )
        .col_expr(
            gate_run::Column::EvidenceDigest,
            Expr::value(settled.evidence_digest.clone()),
        )
        .col_expr(gate_run::Column::SettledAt, Expr::value(now))
        .filter(gate_run::Column::Id.eq(id))
        .filter(gate_run::Column::State.ne(GateRunState::Settled))
        .exec(&**tx)
        .await?;
    guarded(&done)
}
