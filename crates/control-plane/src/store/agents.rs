//! Agents and their sources.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::agent::{Framework, Risk};
use domain::id::{AgentId, ConnectionId, TeamId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::agent;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// An agent.
pub(crate) async fn get(db: &impl ConnectionTrait, id: AgentId) -> Result<agent::Model, Error> {
    agent::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "agent" })
}

/// An agent as it is now, held until the transaction ends: what concerns its deployments as a whole takes turns. SQLite has
/// one writer, so there it is held already. Take it before anything is written.
pub(crate) async fn lock(tx: &Tx, id: AgentId) -> Result<agent::Model, Error> {
    agent::Entity::find_by_id(id)
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(Error::NotFound { kind: "agent" })
}

/// An agent by slug.
pub(crate) async fn by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<agent::Model, Error> {
    agent::Entity::find()
        .filter(agent::Column::Slug.eq(slug))
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "agent" })
}

/// Several agents by their slugs; those that are not there are left out.
pub(crate) async fn by_slugs(
    db: &impl ConnectionTrait,
    slugs: Vec<String>,
) -> Result<Vec<agent::Model>, Error> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let query = agent::Entity::find().filter(agent::Column::Slug.is_in(slugs));
    Ok(query.all(db).await?)
}

/// The teams of some agents, by slug.
pub(crate) async fn teams_of(
    db: &impl ConnectionTrait,
    slugs: BTreeSet<String>,
) -> Result<Vec<(String, TeamId)>, Error> {
    let query = agent::Entity::find()
        .select_only()
        .column(agent::Column::Slug)
        .column(agent::Column::TeamId)
        .filter(agent::Column::Slug.is_in(slugs));
    Ok(query.into_tuple().all(db).await?)
}

/// Several agents.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<AgentId>,
) -> Result<Vec<agent::Model>, Error> {
    Ok(agent::Entity::find()
        .filter(agent::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// The agents that a push to a repository may concern.
pub(crate) async fn of_repository(
    db: &impl ConnectionTrait,
    connection: ConnectionId,
    repositories: Vec<String>,
) -> Result<Vec<agent::Model>, Error> {
    let query = agent::Entity::find()
        .filter(agent::Column::ConnectionId.eq(connection))
        .filter(agent::Column::RepositoryKey.is_in(repositories))
        .filter(agent::Column::DecommissionedAt.is_null());
    Ok(query.all(db).await?)
}

/// Agents whose source is watched, a page at a time for the poller.
pub(crate) async fn watched(
    db: &impl ConnectionTrait,
    after: &str,
    limit: u64,
) -> Result<Vec<agent::Model>, Error> {
    let query = agent::Entity::find()
        .filter(agent::Column::DecommissionedAt.is_null())
        .filter(agent::Column::Slug.gt(after))
        .order_by_asc(agent::Column::Slug)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Writes an agent.
pub(crate) async fn insert(tx: &Tx, row: agent::Model) -> Result<(), Error> {
    agent::Entity::insert(agent::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves the watched branch's head from what the caller saw. False when somebody was faster.
pub(crate) async fn move_head(tx: &Tx, row: &agent::Model, commit: &str) -> Result<bool, Error> {
    let seen = match &row.head_commit {
        Some(old) => agent::Column::HeadCommit.eq(old.as_str()),
        None => agent::Column::HeadCommit.is_null(),
    };
    let moved = agent::Entity::update_many()
        .col_expr(agent::Column::HeadCommit, Expr::value(commit))
        .filter(agent::Column::Id.eq(row.id))
        .filter(agent::Column::DecommissionedAt.is_null())
        .filter(seen)
        .exec(&**tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Takes over what the newest manifest says of the agent.
pub(crate) async fn describe(
    tx: &Tx,
    id: AgentId,
    description: &str,
    framework: Framework,
    risk: Risk,
) -> Result<(), Error> {
    agent::Entity::update_many()
        .col_expr(agent::Column::Description, Expr::value(description))
        .col_expr(agent::Column::Framework, Expr::value(framework))
        .col_expr(agent::Column::Risk, Expr::value(risk))
        .filter(agent::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Ends an agent, once.
pub(crate) async fn decommission(
    tx: &Tx,
    row: &agent::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ended = agent::Entity::update_many()
        .col_expr(agent::Column::DecommissionedAt, Expr::value(now))
        .col_expr(agent::Column::Revision, Expr::value(row.revision + 1))
        .filter(agent::Column::Id.eq(row.id))
        .filter(agent::Column::Revision.eq(row.revision))
        .filter(agent::Column::DecommissionedAt.is_null())
        .exec(&**tx)
        .await?;
    guarded(&ended)
}
