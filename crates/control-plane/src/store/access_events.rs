//! What agents did at resources. Rows are written once, and go by age alone.

use chrono::{DateTime, Utc};
use domain::access_event::Coverage;
use domain::id::{AccessEventId, AgentId, TeamId};
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _,
};

use super::entity::{access_event, agent};
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// Writes events that are new; of those that a reporter sent before nothing is changed. Answers the ids of the new ones.
pub(crate) async fn insert(
    tx: &Tx,
    rows: Vec<access_event::Model>,
) -> Result<Vec<AccessEventId>, Error> {
    use access_event::Column as C;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ours: Vec<AccessEventId> = rows.iter().map(|row| row.id).collect();
    let known = OnConflict::columns([C::Reporter, C::Key])
        .do_nothing()
        .to_owned();
    let rows = rows.into_iter().map(access_event::ActiveModel::from);
    access_event::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    let query = access_event::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::Id.is_in(ours));
    Ok(query.into_tuple().all(&**tx).await?)
}

/// Which lines a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Lines of these teams' agents, and of these resources; everybody's where it is `None`.
    pub(crate) seen: Option<(Vec<TeamId>, Vec<String>)>,
    pub(crate) agent: Option<AgentId>,
    pub(crate) identity: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) allowed: Option<bool>,
    pub(crate) coverage: Option<Coverage>,
    pub(crate) from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub(crate) to: Option<DateTime<Utc>>,
    /// Below this line.
    pub(crate) before: Option<AccessEventId>,
}

/// Lines, the newest act first.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<access_event::Model>, Error> {
    let query = access_event::Entity::find()
        .filter(narrowed(wanted))
        .order_by_desc(access_event::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

fn narrowed(wanted: &Wanted) -> Condition {
    use access_event::Column as C;
    let id = |at| AccessEventId(ids::least(at));
    Condition::all()
        .add_option(wanted.seen.as_ref().map(|(teams, resources)| {
            let theirs = Query::select()
                .column(agent::Column::Id)
                .from(agent::Entity)
                .and_where(agent::Column::TeamId.is_in(teams.iter().copied()))
                .to_owned();
            let of_agents = Condition::any().add(C::AgentId.in_subquery(theirs));
            if resources.is_empty() {
                of_agents
            } else {
                of_agents.add(C::Resource.is_in(resources))
            }
        }))
        .add_option(wanted.agent.map(|agent| C::AgentId.eq(agent)))
        .add_option(wanted.identity.as_ref().map(|one| C::Identity.eq(one)))
        .add_option(wanted.resource.as_ref().map(|one| C::Resource.eq(one)))
        .add_option(wanted.action.as_ref().map(|one| C::Action.eq(one)))
        .add_option(wanted.allowed.map(|yes| C::Allowed.eq(yes)))
        .add_option(wanted.coverage.map(|one| C::Coverage.eq(one)))
        .add_option(wanted.from.map(|at| C::Id.gte(id(at))))
        .add_option(wanted.to.map(|at| C::Id.lt(id(at))))
        .add_option(wanted.before.map(|one| C::Id.lt(one)))
}

/// Forgets up to `limit` of the oldest lines from before a moment, but those of some agents. Answers how many there were.
pub(crate) async fn prune(
    tx: &Tx,
    before: DateTime<Utc>,
    but: &[AgentId],
    limit: u64,
) -> Result<u64, Error> {
    use access_event::Column as C;
    let old = access_event::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::Id.lt(AccessEventId(ids::least(before))))
        .filter(
            Condition::any()
                .add(C::AgentId.is_null())
                .add(C::AgentId.is_not_in(but.to_vec())),
        )
        .order_by_asc(C::Id)
        .limit(limit)
        .into_query();
    let gone = access_event::Entity::delete_many()
        .filter(C::Id.in_subquery(old))
        .exec(&**tx)
        .await?;
    Ok(gone.rows_affected)
}
