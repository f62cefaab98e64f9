//! Labels that people gave agents.

use chrono::{DateTime, Utc};
use domain::id::{AgentId, AgentLabelId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::entity::agent_label;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// The labels of an agent, in order.
pub(crate) async fn of(db: &impl ConnectionTrait, agent: AgentId) -> Result<Vec<String>, Error> {
    let rows = agent_label::Entity::find()
        .filter(agent_label::Column::AgentId.eq(agent))
        .all(db)
        .await?;
    let mut labels: Vec<String> = rows.into_iter().map(|row| row.label).collect();
    // Not in the database: collations differ.
    labels.sort();
    Ok(labels)
}

/// Gives an agent labels that it has not.
pub(crate) async fn add(
    tx: &Tx,
    agent: AgentId,
    labels: &[String],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let rows = labels.iter().map(|label| {
        let row = agent_label::Model {
            id: AgentLabelId(ids::new()),
            agent_id: agent,
            label: label.clone(),
            since: now,
        };
        row.into_active_model()
    });
    use agent_label::Column as C;
    let there = OnConflict::columns([C::AgentId, C::Label])
        .do_nothing()
        .to_owned();
    agent_label::Entity::insert_many(rows)
        .on_conflict(there)
        .try_insert()
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes labels away from an agent.
pub(crate) async fn remove(tx: &Tx, agent: AgentId, labels: &[String]) -> Result<(), Error> {
    agent_label::Entity::delete_many()
        .filter(agent_label::Column::AgentId.eq(agent))
        .filter(agent_label::Column::Label.is_in(labels))
        .exec(&**tx)
        .await?;
    Ok(())
}
