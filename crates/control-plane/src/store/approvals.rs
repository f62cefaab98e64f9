//! Approvals and decisions.

use chrono::{DateTime, Utc};
use domain::approval::{ApprovalEvent, ApprovalState};
use domain::id::{AgentId, ApprovalId, DeploymentId, TeamId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{approval, decision};
use super::fleet::within;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// The newest round of a deployment's approval.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<approval::Model>, Error> {
    let query = approval::Entity::find()
        .filter(approval::Column::DeploymentId.eq(deployment))
        .order_by_desc(approval::Column::Round);
    Ok(query.one(db).await?)
}

/// The newest round under a number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<approval::Model, Error> {
    let query = approval::Entity::find()
        .filter(approval::Column::Number.eq(number))
        .order_by_desc(approval::Column::Round);
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "approval" })
}

/// Approvals that nobody answered, or nobody used, in time.
pub(crate) async fn overdue(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<approval::Model>, Error> {
    let query = approval::Entity::find()
        .filter(approval::Column::State.eq(ApprovalState::Open))
        .filter(approval::Column::ExpiresAt.lte(now))
        .limit(100);
    Ok(query.all(db).await?)
}

/// Writes an approval.
pub(crate) async fn insert(tx: &Tx, row: approval::Model) -> Result<(), Error> {
    approval::Entity::insert(approval::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves an approval on, guarded by state and revision.
pub(crate) async fn transition(
    tx: &Tx,
    row: &approval::Model,
    event: ApprovalEvent,
    now: DateTime<Utc>,
) -> Result<ApprovalState, Error> {
    let next = row.state.apply(event)?;
    let moved = approval::Entity::update_many()
        .col_expr(approval::Column::State, Expr::value(next))
        .col_expr(approval::Column::SettledAt, Expr::value(now))
        .col_expr(approval::Column::Revision, Expr::value(row.revision + 1))
        .filter(approval::Column::Id.eq(row.id))
        .filter(approval::Column::State.eq(row.state))
        .filter(approval::Column::Revision.eq(row.revision))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Raises the revision without moving on: a decision that does not meet the quorum yet.
pub(crate) async fn touch(tx: &Tx, row: &approval::Model) -> Result<(), Error> {
    let touched = approval::Entity::update_many()
        .col_expr(approval::Column::Revision, Expr::value(row.revision + 1))
        .filter(approval::Column::Id.eq(row.id))
        .filter(approval::Column::Revision.eq(row.revision))
        .exec(&**tx)
        .await?;
    guarded(&touched)
}

/// The decisions of one round.
pub(crate) async fn decisions(
    db: &impl ConnectionTrait,
    approval: ApprovalId,
) -> Result<Vec<decision::Model>, Error> {
    let query = decision::Entity::find()
        .filter(decision::Column::ApprovalId.eq(approval))
        .order_by_asc(decision::Column::DecidedAt);
    Ok(query.all(db).await?)
}

/// The decisions of several rounds.
pub(crate) async fn decisions_of(
    db: &impl ConnectionTrait,
    approvals: Vec<ApprovalId>,
) -> Result<Vec<decision::Model>, Error> {
    Ok(decision::Entity::find()
        .filter(decision::Column::ApprovalId.is_in(approvals))
        .all(db)
        .await?)
}

/// Writes a decision.
pub(crate) async fn decide(tx: &Tx, row: decision::Model) -> Result<(), Error> {
    decision::Entity::insert(decision::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Open approvals of the agents of some teams (`None`: all), soonest expiry first, bounded.
pub(crate) async fn open_page(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<approval::Model>, Error> {
    Ok(open_query(teams, limit).all(db).await?)
}

/// The same, with only what decides who may answer: approval, agent, and the parties as JSON.
pub(crate) async fn open_parties(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(ApprovalId, AgentId, String)>, Error> {
    let columns = [
        approval::Column::Id,
        approval::Column::AgentId,
        approval::Column::Parties,
    ];
    Ok(open_query(teams, limit)
        .select_only()
        .columns(columns)
        .into_tuple()
        .all(db)
        .await?)
}

fn open_query(teams: Option<&[TeamId]>, limit: u64) -> sea_orm::Select<approval::Entity> {
    approval::Entity::find()
        .filter(approval::Column::State.eq(ApprovalState::Open))
        .filter(within(approval::Column::AgentId, teams))
        .order_by_asc(approval::Column::ExpiresAt)
        .order_by_asc(approval::Column::Number)
        .limit(limit)
}

/// Approvals of the agents of some teams (`None`: all) whose newest round is settled, newest first, below the cursor.
pub(crate) async fn settled_page(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<approval::Model>, Error> {
    let later = Alias::new("later");
    let newer_round = Query::select()
        .expr(Expr::val(1))
        .from_as(approval::Entity, later.clone())
        .and_where(
            Expr::col((later.clone(), approval::Column::Number))
                .equals((approval::Entity, approval::Column::Number)),
        )
        .and_where(
            Expr::col((later, approval::Column::Round))
                .gt(Expr::col((approval::Entity, approval::Column::Round))),
        )
        .to_owned();
    let mut query = approval::Entity::find()
        .filter(approval::Column::State.ne(ApprovalState::Open))
        .filter(within(approval::Column::AgentId, teams))
        .filter(Expr::exists(newer_round).not())
        .order_by_desc(approval::Column::Number)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(approval::Column::Number.lt(before));
    }
    Ok(query.all(db).await?)
}

/// Every round under a number: its id and which one it is.
pub(crate) async fn rounds(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<Vec<(ApprovalId, i32)>, Error> {
    let query = approval::Entity::find()
        .select_only()
        .columns([approval::Column::Id, approval::Column::Round])
        .filter(approval::Column::Number.eq(number))
        .order_by_asc(approval::Column::Round)
        .limit(100);
    Ok(query.into_tuple().all(db).await?)
}
