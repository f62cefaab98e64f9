//! What is evaluated while it is live.

use chrono::{DateTime, Utc};
use domain::gate::{Gate, Verdict};
use domain::id::{DeploymentId, OnlineExchangeId, OnlineTraceId};
use domain::online::ExchangeOrigin;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::claim::{claimable, fenced};
use super::entity::{online_exchange, online_trace, online_watch, online_window};
use crate::error::Error;
use crate::transact::Tx;

/// A trace that has no score yet.
pub(crate) const WAITING: &str = "waiting";
/// A trace that was scored; it is kept to know it again.
pub(crate) const DONE: &str = "done";

claimable!(
    online_watch,
    DeploymentId,
    online_watch::Column::Fence.gte(0)
);

/// The watches there are of several deployments.
pub(crate) async fn watched(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<online_watch::Model>, Error> {
    let query = online_watch::Entity::find().filter(online_watch::Column::Id.is_in(deployments));
    Ok(query.all(db).await?)
}

/// Begins to watch a deployment, once.
pub(crate) async fn watch(
    tx: &Tx,
    deployment: DeploymentId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = online_watch::Model {
        id: deployment,
        next_case: 0,
        probe_at: now,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    };
    let known = OnConflict::column(online_watch::Column::Id)
        .do_nothing()
        .to_owned();
    online_watch::Entity::insert(online_watch::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Ends a watch, under the worker's fence.
pub(crate) async fn forget(tx: &Tx, row: &online_watch::Model) -> Result<(), Error> {
    let ended = online_watch::Entity::delete_many()
        .filter(online_watch::Column::Id.eq(row.id))
        .filter(online_watch::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    if ended.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Fenced)
    }
}

/// Gives a watch back until `next`, under the worker's fence.
pub(crate) async fn settle(
    tx: &Tx,
    row: &online_watch::Model,
    (next_case, probe_at): (i64, DateTime<Utc>),
    next: DateTime<Utc>,
) -> Result<(), Error> {
    use online_watch::Column as C;
    let settled = online_watch::Entity::update_many()
        .col_expr(C::NextCase, Expr::value(next_case))
        .col_expr(C::ProbeAt, Expr::value(probe_at))
        .col_expr(C::NextAttemptAt, Expr::value(next))
        .col_expr(C::Attempts, Expr::value(0))
        .col_expr(C::LeaseUntil, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(C::Id.eq(row.id))
        .filter(C::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}

/// Writes judged exchanges.
pub(crate) async fn keep(tx: &Tx, rows: Vec<online_exchange::Model>) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(online_exchange::ActiveModel::from);
    online_exchange::Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Key, verdict and origin of the newest exchanges of a gate that passed or failed.
pub(crate) async fn scored(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
    gate: Gate,
    limit: u64,
) -> Result<Vec<(String, Verdict, ExchangeOrigin)>, Error> {
    use online_exchange::Column as C;
    let query = online_exchange::Entity::find()
        .select_only()
        .columns([C::CaseKey, C::Verdict, C::Origin])
        .filter(C::DeploymentId.eq(deployment))
        .filter(C::Gate.eq(gate))
        .filter(C::Verdict.is_in([Verdict::Passed, Verdict::Failed]))
        .order_by_desc(C::Id)
        .limit(limit);
    Ok(query.into_tuple().all(db).await?)
}

/// Which exchanges of a deployment a page shows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    pub(crate) gate: Option<Gate>,
    pub(crate) origin: Option<ExchangeOrigin>,
    pub(crate) verdict: Option<Verdict>,
    /// Older than this one.
    pub(crate) before: Option<OnlineExchangeId>,
}

/// Exchanges of a deployment, newest first.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
    wanted: Wanted,
    limit: u64,
) -> Result<Vec<online_exchange::Model>, Error> {
    use online_exchange::Column as C;
    let mut query = online_exchange::Entity::find()
        .filter(C::DeploymentId.eq(deployment))
        .order_by_desc(C::Id)
        .limit(limit);
    if let Some(gate) = wanted.gate {
        query = query.filter(C::Gate.eq(gate));
    }
    if let Some(origin) = wanted.origin {
        query = query.filter(C::Origin.eq(origin));
    }
    if let Some(verdict) = wanted.verdict {
        query = query.filter(C::Verdict.eq(verdict));
    }
    if let Some(before) = wanted.before {
        query = query.filter(C::Id.lt(before));
    }
    Ok(query.all(db).await?)
}

/// What the windows of a deployment came to.
pub(crate) async fn windows(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Vec<online_window::Model>, Error> {
    let query = online_window::Entity::find()
        .filter(online_window::Column::DeploymentId.eq(deployment))
        .limit(10);
    Ok(query.all(db).await?)
}

/// Keeps what a window came to in the place of what it was before.
pub(crate) async fn keep_window(tx: &Tx, row: online_window::Model) -> Result<(), Error> {
    use online_window::Column as C;
    let renew = OnConflict::columns([C::DeploymentId, C::Gate])
        .update_columns([
            C::Measure,
            C::Probes,
            C::Sampled,
            C::JudgedAt,
            C::BreachedSince,
        ])
        .to_owned();
    online_window::Entity::insert(online_window::ActiveModel::from(row))
        .on_conflict(renew)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// How many traces of a deployment have no score yet.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<u64, Error> {
    let query = online_trace::Entity::find()
        .filter(online_trace::Column::DeploymentId.eq(deployment))
        .filter(online_trace::Column::State.eq(WAITING));
    Ok(query.count(db).await?)
}

/// Writes traces that are new; those that are known already stay as they are. Answers how many were new.
pub(crate) async fn receive(tx: &Tx, rows: Vec<online_trace::Model>) -> Result<u64, Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let known = OnConflict::columns([
        online_trace::Column::DeploymentId,
        online_trace::Column::Span,
    ])
    .do_nothing()
    .to_owned();
    let rows = rows.into_iter().map(online_trace::ActiveModel::from);
    let insert = online_trace::Entity::insert_many(rows).on_conflict(known);
    Ok(insert.exec_without_returning(&**tx).await?)
}

/// The oldest traces without a score.
pub(crate) async fn to_score(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
    limit: u64,
) -> Result<Vec<online_trace::Model>, Error> {
    let query = online_trace::Entity::find()
        .filter(online_trace::Column::DeploymentId.eq(deployment))
        .filter(online_trace::Column::State.eq(WAITING))
        .order_by_asc(online_trace::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Notes that traces have their score, and forgets what was said in them.
pub(crate) async fn scored_traces(tx: &Tx, ids: Vec<OnlineTraceId>) -> Result<(), Error> {
    online_trace::Entity::update_many()
        .col_expr(online_trace::Column::State, Expr::value(DONE))
        .col_expr(online_trace::Column::Body, Expr::value(""))
        .filter(online_trace::Column::Id.is_in(ids))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Forgets exchanges and traces from before a moment.
pub(crate) async fn sweep(tx: &Tx, before: DateTime<Utc>) -> Result<(), Error> {
    online_exchange::Entity::delete_many()
        .filter(online_exchange::Column::At.lt(before))
        .exec(&**tx)
        .await?;
    online_trace::Entity::delete_many()
        .filter(online_trace::Column::ReceivedAt.lt(before))
        .exec(&**tx)
        .await?;
    Ok(())
}
