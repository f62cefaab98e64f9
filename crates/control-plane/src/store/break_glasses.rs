//! Break-glass permissions and their post-reviews.

use chrono::{DateTime, Utc};
use domain::break_glass::{PostReviewEvent, PostReviewState};
use domain::id::{AgentId, DeploymentId, TeamId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::break_glass;
use super::fleet::within;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

const OPEN: [PostReviewState; 2] = [PostReviewState::Due, PostReviewState::Overdue];

/// The one of a deployment, if there is one.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<break_glass::Model>, Error> {
    let query =
        break_glass::Entity::find().filter(break_glass::Column::DeploymentId.eq(deployment));
    Ok(query.one(db).await?)
}

/// One by the number of its post-review.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<break_glass::Model, Error> {
    let query = break_glass::Entity::find().filter(break_glass::Column::Number.eq(number));
    query.one(db).await?.ok_or(Error::NotFound {
        kind: "post-review",
    })
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = break_glass::Entity::find().order_by_desc(break_glass::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// A team's post-review that is late at a moment, other than that of one deployment.
pub(crate) async fn overdue(
    db: &impl ConnectionTrait,
    team: TeamId,
    but: DeploymentId,
    now: DateTime<Utc>,
) -> Result<Option<break_glass::Model>, Error> {
    let query = break_glass::Entity::find()
        .filter(break_glass::Column::TeamId.eq(team))
        .filter(break_glass::Column::State.is_in(OPEN))
        .filter(break_glass::Column::DueAt.lte(now))
        .filter(break_glass::Column::DeploymentId.ne(but))
        .order_by_asc(break_glass::Column::DueAt);
    Ok(query.one(db).await?)
}

/// What nobody closed in time and nobody wrote down as late yet.
pub(crate) async fn lapsed(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<break_glass::Model>, Error> {
    let query = break_glass::Entity::find()
        .filter(break_glass::Column::State.eq(PostReviewState::Due))
        .filter(break_glass::Column::DueAt.lte(now))
        .limit(100);
    Ok(query.all(db).await?)
}

/// Open post-reviews of some teams' agents (`None`: of all), soonest due first, bounded.
pub(crate) async fn open_page(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<break_glass::Model>, Error> {
    let query = break_glass::Entity::find()
        .filter(break_glass::Column::State.is_in(OPEN))
        .filter(within(break_glass::Column::AgentId, teams))
        .order_by_asc(break_glass::Column::DueAt)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Closed post-reviews of some teams' agents (`None`: of all), newest first, below a number.
pub(crate) async fn closed_page(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    below: Option<i64>,
    limit: u64,
) -> Result<Vec<break_glass::Model>, Error> {
    let query = break_glass::Entity::find()
        .filter(break_glass::Column::State.is_not_in(OPEN))
        .filter(within(break_glass::Column::AgentId, teams))
        .filter(break_glass::Column::Number.lt(below.unwrap_or(i64::MAX)))
        .order_by_desc(break_glass::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Open post-reviews of an agent.
pub(crate) async fn open_of_agent(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Vec<break_glass::Model>, Error> {
    let query = break_glass::Entity::find()
        .filter(break_glass::Column::AgentId.eq(agent))
        .filter(break_glass::Column::State.is_in(OPEN))
        .order_by_asc(break_glass::Column::DueAt)
        .limit(20);
    Ok(query.all(db).await?)
}

/// Writes a permission.
pub(crate) async fn insert(tx: &Tx, row: break_glass::Model) -> Result<(), Error> {
    break_glass::Entity::insert(break_glass::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes who had a part in the deployment, once that is known.
pub(crate) async fn set_parties(
    tx: &Tx,
    row: &break_glass::Model,
    parties: &str,
) -> Result<(), Error> {
    let noted = break_glass::Entity::update_many()
        .col_expr(break_glass::Column::Parties, Expr::value(parties))
        .col_expr(break_glass::Column::Revision, Expr::value(row.revision + 1))
        .filter(break_glass::Column::Id.eq(row.id))
        .filter(break_glass::Column::Revision.eq(row.revision))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Notes that the deployment used the permission.
pub(crate) async fn set_used(
    tx: &Tx,
    row: &break_glass::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let noted = break_glass::Entity::update_many()
        .col_expr(break_glass::Column::UsedAt, Expr::value(Some(now)))
        .filter(break_glass::Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Who closed a post-review, and in what words.
pub(crate) type Closed<'a> = (UserId, &'a str, &'a str);

/// Moves a post-review on, guarded by state and revision.
pub(crate) async fn transition(
    tx: &Tx,
    row: &break_glass::Model,
    event: PostReviewEvent,
    closed: Option<Closed<'_>>,
    now: DateTime<Utc>,
) -> Result<PostReviewState, Error> {
    let next = row.state.apply(event)?;
    let mut update = break_glass::Entity::update_many()
        .col_expr(break_glass::Column::State, Expr::value(next))
        .col_expr(break_glass::Column::Revision, Expr::value(row.revision + 1));
    if let Some((id, name, reason)) = closed {
        update = update
            .col_expr(break_glass::Column::ReviewedBy, Expr::value(Some(id)))
            .col_expr(break_glass::Column::ReviewedByName, Expr::value(Some(name)))
            .col_expr(break_glass::Column::ReviewReason, Expr::value(Some(reason)))
            .col_expr(break_glass::Column::ReviewedAt, Expr::value(Some(now)));
    }
    let moved = update
        .filter(break_glass::Column::Id.eq(row.id))
        .filter(break_glass::Column::State.eq(row.state))
        .filter(break_glass::Column::Revision.eq(row.revision))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}
