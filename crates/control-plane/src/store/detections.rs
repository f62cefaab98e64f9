//! Looks at sources: one row an agent. A row that is ordered is the queue of the worker that looks.

use chrono::{DateTime, Utc};
use domain::detection::{LookProblem, LookState};
use domain::id::{AgentId, DetectionId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::claim::{claimable, fenced};
use super::entity::detection;
use super::guarded;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

claimable!(
    detection,
    DetectionId,
    detection::Column::State.eq(LookState::Ordered)
);

/// What a look came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) state: LookState,
    pub(crate) commit: Option<String>,
    pub(crate) found: Option<String>,
    pub(crate) problem: Option<(LookProblem, String)>,
    pub(crate) secret_known: bool,
}

/// The look at an agent's source.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Option<detection::Model>, Error> {
    let query = detection::Entity::find().filter(detection::Column::AgentId.eq(agent));
    Ok(query.one(db).await?)
}

/// Writes the first order of an agent.
pub(crate) async fn insert(tx: &Tx, agent: AgentId, now: DateTime<Utc>) -> Result<(), Error> {
    let row = detection::Model {
        id: DetectionId(ids::new()),
        agent_id: agent,
        state: LookState::Ordered,
        ordered_at: now,
        commit_id: None,
        found: None,
        problem: None,
        detail: None,
        secret_known: None,
        looked_at: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    };
    detection::Entity::insert(detection::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Orders another look. What the last one found stays until this one ends.
pub(crate) async fn order_again(
    tx: &Tx,
    row: &detection::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ordered = detection::Entity::update_many()
        .col_expr(detection::Column::State, Expr::value(LookState::Ordered))
        .col_expr(detection::Column::OrderedAt, Expr::value(now))
        .col_expr(detection::Column::Attempts, Expr::value(0))
        .col_expr(detection::Column::NextAttemptAt, Expr::value(now))
        .filter(detection::Column::Id.eq(row.id))
        .filter(detection::Column::Fence.eq(row.fence))
        .filter(detection::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&ordered)
}

/// Ends a look under the worker's fence, in the place of what the one before it came to.
pub(crate) async fn settle(
    tx: &Tx,
    row: &detection::Model,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (problem, detail) = outcome.problem.clone().unzip();
    let settled = detection::Entity::update_many()
        .col_expr(detection::Column::State, Expr::value(outcome.state))
        .col_expr(
            detection::Column::CommitId,
            Expr::value(outcome.commit.clone()),
        )
        .col_expr(detection::Column::Found, Expr::value(outcome.found.clone()))
        .col_expr(
            detection::Column::Problem,
            Expr::value(problem.map(LookProblem::as_str)),
        )
        .col_expr(detection::Column::Detail, Expr::value(detail))
        .col_expr(
            detection::Column::SecretKnown,
            Expr::value(outcome.secret_known),
        )
        .col_expr(detection::Column::LookedAt, Expr::value(now))
        .col_expr(
            detection::Column::LeaseUntil,
            Expr::value(None::<DateTime<Utc>>),
        )
        .filter(detection::Column::Id.eq(row.id))
        .filter(detection::Column::Fence.eq(row.fence))
        .filter(detection::Column::State.eq(LookState::Ordered))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}
