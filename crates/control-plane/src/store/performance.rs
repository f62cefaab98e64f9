//! What went live in production in a period, and what became of it.

use chrono::{DateTime, Utc};
use domain::deployment::DeploymentKind;
use domain::environment::Environment;
use domain::id::TeamId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{agent, deployment, incident, version};
use super::fleet::within;
use crate::error::Error;

type Moment = DateTime<Utc>;

/// Changes that went live in production at or after the first moment and before the second, the newest first: number, slug and team of
/// the agent, when the version was made, and when it went live.
pub(crate) async fn changes(
    db: &impl ConnectionTrait,
    (from, to): (Moment, Moment),
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(i64, String, TeamId, Moment, Moment)>, Error> {
    let agents = deployment::Entity::belongs_to(agent::Entity)
        .from(deployment::Column::AgentId)
        .to(agent::Column::Id)
        .into();
    let versions = deployment::Entity::belongs_to(version::Entity)
        .from(deployment::Column::VersionId)
        .to(version::Column::Id)
        .into();
    let query = deployment::Entity::find()
        .select_only()
        .column(deployment::Column::Number)
        .column(agent::Column::Slug)
        .column(agent::Column::TeamId)
        .column(version::Column::CreatedAt)
        .column(deployment::Column::LiveAt)
        .join(JoinType::InnerJoin, agents)
        .join(JoinType::InnerJoin, versions)
        .filter(deployment::Column::Environment.eq(Environment::Production))
        .filter(deployment::Column::Kind.ne(DeploymentKind::Rollback))
        .filter(deployment::Column::LiveAt.gte(from))
        .filter(deployment::Column::LiveAt.lt(to))
        .filter(within(deployment::Column::AgentId, teams))
        .order_by_desc(deployment::Column::LiveAt)
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.into_tuple().all(db).await?)
}

/// Rollbacks in production that went live since: the number that each left, when it was asked for and when it was live.
pub(crate) async fn rollbacks(
    db: &impl ConnectionTrait,
    since: Moment,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(i64, Moment, Moment)>, Error> {
    let query = deployment::Entity::find()
        .select_only()
        .column(deployment::Column::RollsBack)
        .column(deployment::Column::CreatedAt)
        .column(deployment::Column::LiveAt)
        .filter(deployment::Column::Environment.eq(Environment::Production))
        .filter(deployment::Column::Kind.eq(DeploymentKind::Rollback))
        .filter(deployment::Column::RollsBack.is_not_null())
        .filter(deployment::Column::LiveAt.gte(since))
        .filter(within(deployment::Column::AgentId, teams))
        .order_by_desc(deployment::Column::LiveAt)
        .limit(limit);
    Ok(query.into_tuple().all(db).await?)
}

/// Incidents in production that were opened since about a deployment: its number, when, and until when it did harm.
pub(crate) async fn incidents(
    db: &impl ConnectionTrait,
    since: Moment,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(i64, Moment, Option<Moment>)>, Error> {
    let query = incident::Entity::find()
        .select_only()
        .column(incident::Column::Deployment)
        .column(incident::Column::OpenedAt)
        .column(incident::Column::MitigatedAt)
        .filter(incident::Column::Environment.eq(Environment::Production))
        .filter(incident::Column::Deployment.is_not_null())
        .filter(incident::Column::OpenedAt.gte(since))
        .filter(within(incident::Column::AgentId, teams))
        .order_by_desc(incident::Column::OpenedAt)
        .limit(limit);
    Ok(query.into_tuple().all(db).await?)
}
