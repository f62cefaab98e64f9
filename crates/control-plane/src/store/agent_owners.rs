//! Who answers for each agent.

use chrono::{DateTime, Utc};
use domain::id::{AgentId, AgentOwnerId, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::{agent, agent_owner, role_grant};
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

/// The agents in service whose owner has no standing role for their team any more, bounded.
pub(crate) async fn left(db: &impl ConnectionTrait) -> Result<Vec<agent::Model>, Error> {
    let same_team = Expr::col((role_grant::Entity, role_grant::Column::TeamId))
        .equals((agent::Entity, agent::Column::TeamId));
    let role = Query::select()
        .expr(Expr::val(1))
        .from(role_grant::Entity)
        .and_where(
            Expr::col((role_grant::Entity, role_grant::Column::UserId))
                .equals((agent_owner::Entity, agent_owner::Column::UserId)),
        )
        .cond_where(
            Condition::any()
                .add(Expr::col((role_grant::Entity, role_grant::Column::TeamId)).is_null())
                .add(same_team),
        )
        .to_owned();
    let owned = Query::select()
        .expr(Expr::val(1))
        .from(agent_owner::Entity)
        .and_where(
            Expr::col((agent_owner::Entity, agent_owner::Column::AgentId))
                .equals((agent::Entity, agent::Column::Id)),
        )
        .and_where(Expr::exists(role).not())
        .to_owned();
    Ok(agent::Entity::find()
        .filter(agent::Column::DecommissionedAt.is_null())
        .filter(Expr::exists(owned))
        .limit(1_000)
        .all(db)
        .await?)
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
