//! Who answers for each agent.

use chrono::{DateTime, Utc};
use domain::id::{AgentId, AgentOwnerId, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::agent_owner;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// The owner of an agent.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Option<agent_owner::Model>, Error> {
    let query = agent_owner::Entity::find().filter(agent_owner::Column::AgentId.eq(agent));
    Ok(query.one(db).await?)
}

/// All of them, bounded.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<agent_owner::Model>, Error> {
    Ok(agent_owner::Entity::find().limit(20_000).all(db).await?)
}

/// Names the owner of an agent, in the place of who it was.
pub(crate) async fn name(
    tx: &Tx,
    agent: AgentId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = agent_owner::Model {
        id: AgentOwnerId(ids::new()),
        agent_id: agent,
        user_id: user,
        since: now,
    };
    let instead = OnConflict::column(agent_owner::Column::AgentId)
        .update_columns([agent_owner::Column::UserId, agent_owner::Column::Since])
        .to_owned();
    agent_owner::Entity::insert(agent_owner::ActiveModel::from(row))
        .on_conflict(instead)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
