//! Approvals and decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::approval::{ApprovalEvent, ApprovalState, DecisionVerdict};
use domain::id::{AgentId, ApprovalId, DeploymentId, TeamId};
use sea_orm::Condition;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{approval, approval_comment, decision};
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
    let is = |state| Condition::all().add(approval::Column::State.eq(state));
    let unanswered = is(ApprovalState::Open).add(approval::Column::ExpiresAt.lte(now));
    let unused = is(ApprovalState::Approved).add(approval::Column::UseBy.lte(now));
    let query = approval::Entity::find()
        .filter(Condition::any().add(unanswered).add(unused))
        .limit(100);
    Ok(query.all(db).await?)
}

/// Open approvals whose reminder or escalation is due.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<approval::Model>, Error> {
    let reminder = Condition::all()
        .add(approval::Column::RemindAt.lte(now))
        .add(approval::Column::RemindedAt.is_null());
    let escalation = Condition::all()
        .add(approval::Column::EscalateAt.lte(now))
        .add(approval::Column::EscalatedAt.is_null());
    let query = approval::Entity::find()
        .filter(approval::Column::State.eq(ApprovalState::Open))
        .filter(approval::Column::ExpiresAt.gt(now))
        .filter(Condition::any().add(reminder).add(escalation))
        .limit(100);
    Ok(query.all(db).await?)
}

/// Notes that people were reminded, or that somebody else was told.
pub(crate) async fn note_told(
    tx: &Tx,
    row: &approval::Model,
    (reminded, escalated): (bool, bool),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut update = approval::Entity::update_many()
        .col_expr(approval::Column::Revision, Expr::value(row.revision + 1))
        .filter(approval::Column::Id.eq(row.id))
        .filter(approval::Column::Revision.eq(row.revision));
    if reminded {
        update = update.col_expr(approval::Column::RemindedAt, Expr::value(now));
    }
    if escalated {
        update = update.col_expr(approval::Column::EscalatedAt, Expr::value(now));
    }
    guarded(&update.exec(&**tx).await?)
}

/// Notes until when an approval that was given can be used.
pub(crate) async fn set_use_by(tx: &Tx, id: ApprovalId, at: DateTime<Utc>) -> Result<(), Error> {
    approval::Entity::update_many()
        .col_expr(approval::Column::UseBy, Expr::value(at))
        .filter(approval::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Most comments of one round.
pub(crate) const COMMENTS_MAX: u64 = 200;

/// The comments of several rounds, oldest first.
pub(crate) async fn comments(
    db: &impl ConnectionTrait,
    approvals: Vec<ApprovalId>,
) -> Result<Vec<approval_comment::Model>, Error> {
    let query = approval_comment::Entity::find()
        .filter(approval_comment::Column::ApprovalId.is_in(approvals))
        .order_by_asc(approval_comment::Column::WrittenAt)
        .limit(1_000);
    Ok(query.all(db).await?)
}

/// Writes a comment.
pub(crate) async fn comment(tx: &Tx, row: approval_comment::Model) -> Result<(), Error> {
    approval_comment::Entity::insert(approval_comment::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Where the approvals of some numbers are, each in its newest round.
pub(crate) async fn states(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<BTreeMap<i64, ApprovalState>, Error> {
    let rows: Vec<(i64, ApprovalState)> = approval::Entity::find()
        .select_only()
        .columns([approval::Column::Number, approval::Column::State])
        .filter(approval::Column::Number.is_in(numbers))
        .order_by_asc(approval::Column::Round)
        .into_tuple()
        .all(db)
        .await?;
    // A later round takes the place of an earlier one.
    Ok(rows.into_iter().collect())
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

/// Who approved under some numbers, in the order in which they did.
pub(crate) async fn approvers(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<Vec<(i64, String)>, Error> {
    let approvals = decision::Entity::belongs_to(approval::Entity)
        .from(decision::Column::ApprovalId)
        .to(approval::Column::Id)
        .into();
    let query = decision::Entity::find()
        .select_only()
        .column(approval::Column::Number)
        .column(decision::Column::UserName)
        .join(JoinType::InnerJoin, approvals)
        .filter(approval::Column::Number.is_in(numbers))
        .filter(approval::Column::State.eq(ApprovalState::Consumed))
        .filter(decision::Column::Verdict.eq(DecisionVerdict::Approve))
        .order_by_asc(decision::Column::DecidedAt);
    Ok(query.into_tuple().all(db).await?)
}

/// Writes a decision.
pub(crate) async fn decide(tx: &Tx, row: decision::Model) -> Result<(), Error> {
    decision::Entity::insert(decision::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Which approvals are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Teams whose agents they are about; `None`: all.
    pub(crate) teams: Option<Vec<TeamId>>,
    pub(crate) agent: Option<AgentId>,
    pub(crate) state: Option<ApprovalState>,
}

impl Filter {
    fn on(&self, query: sea_orm::Select<approval::Entity>) -> sea_orm::Select<approval::Entity> {
        let mut query = query.filter(within(approval::Column::AgentId, self.teams.as_deref()));
        if let Some(agent) = self.agent {
            query = query.filter(approval::Column::AgentId.eq(agent));
        }
        if let Some(state) = self.state {
            query = query.filter(approval::Column::State.eq(state));
        }
        query
    }
}

/// Open approvals, soonest expiry first, bounded.
pub(crate) async fn open_page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<approval::Model>, Error> {
    Ok(open_query(filter, limit).all(db).await?)
}

/// The same, with only what decides who may answer: approval, agent, and the parties as JSON.
pub(crate) async fn open_parties(
    db: &impl ConnectionTrait,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<(ApprovalId, AgentId, String)>, Error> {
    let columns = [
        approval::Column::Id,
        approval::Column::AgentId,
        approval::Column::Parties,
    ];
    Ok(open_query(filter, limit)
        .select_only()
        .columns(columns)
        .into_tuple()
        .all(db)
        .await?)
}

fn open_query(filter: &Filter, limit: u64) -> sea_orm::Select<approval::Entity> {
    filter
        .on(approval::Entity::find())
        .filter(approval::Column::State.eq(ApprovalState::Open))
        .order_by_asc(approval::Column::ExpiresAt)
        .order_by_asc(approval::Column::Number)
        .limit(limit)
}

/// Approvals whose newest round is settled, newest first, below the cursor.
pub(crate) async fn settled_page(
    db: &impl ConnectionTrait,
    filter: &Filter,
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
    let mut query = filter
        .on(approval::Entity::find())
        .filter(approval::Column::State.ne(ApprovalState::Open))
        .filter(Expr::exists(newer_round).not())
        .order_by_desc(approval::Column::Number)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(approval::Column::Number.lt(before));
    }
    Ok(query.all(db).await?)
}

/// Every round under a number, oldest first.
pub(crate) async fn rounds(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<Vec<approval::Model>, Error> {
    let query = approval::Entity::find()
        .filter(approval::Column::Number.eq(number))
        .order_by_asc(approval::Column::Round)
        .limit(100);
    Ok(query.all(db).await?)
}
