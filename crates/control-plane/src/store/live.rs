//! Which deployment is live where: the registry state, one row per agent and environment.

use chrono::{DateTime, Utc};
use domain::environment::Environment;
use domain::id::{AgentId, DeploymentId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};

use super::entity::live;
use crate::error::Error;
use crate::transact::Tx;

/// What is live for an agent in an environment.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    agent: AgentId,
    environment: Environment,
) -> Result<Option<live::Model>, Error> {
    Ok(live::Entity::find_by_id((agent, environment))
        .one(db)
        .await?)
}

/// What is live for several agents.
pub(crate) async fn of_agents(
    db: &impl ConnectionTrait,
    agents: Vec<AgentId>,
) -> Result<Vec<live::Model>, Error> {
    Ok(live::Entity::find()
        .filter(live::Column::AgentId.is_in(agents))
        .all(db)
        .await?)
}

/// Everything live, bounded.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<live::Model>, Error> {
    Ok(live::Entity::find()
        .paginate(db, 5_000)
        .fetch_page(0)
        .await?)
}

/// Moves the pointer.
pub(crate) async fn point(
    tx: &Tx,
    agent: AgentId,
    environment: Environment,
    deployment: DeploymentId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = live::Model {
        agent_id: agent,
        environment,
        deployment_id: deployment,
        since: now,
    };
    let move_it = OnConflict::columns([live::Column::AgentId, live::Column::Environment])
        .update_columns([live::Column::DeploymentId, live::Column::Since])
        .to_owned();
    live::Entity::insert(live::ActiveModel::from(row))
        .on_conflict(move_it)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes the pointer away.
pub(crate) async fn clear(tx: &Tx, agent: AgentId, environment: Environment) -> Result<(), Error> {
    live::Entity::delete_by_id((agent, environment))
        .exec(&**tx)
        .await?;
    Ok(())
}
