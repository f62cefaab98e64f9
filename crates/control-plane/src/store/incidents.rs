//! Incidents.

use chrono::{DateTime, Utc};
use domain::form::query::IncidentQuery;
use domain::id::{AgentId, TeamId, UserId};
use domain::incident::{IncidentEvent, IncidentState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{audit_leaf, incident};
use super::fleet::within;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// One incident.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<incident::Model, Error> {
    let query = incident::Entity::find().filter(incident::Column::Number.eq(number));
    let row = query.one(db).await?;
    row.ok_or(Error::NotFound { kind: "incident" })
}

/// The one that Clearance opened about something and that is not closed.
pub(crate) async fn by_key(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<incident::Model>, Error> {
    let query = incident::Entity::find().filter(incident::Column::OpenKey.eq(key));
    Ok(query.one(db).await?)
}

/// Those about a deployment that still do harm.
pub(crate) async fn open_about(
    db: &impl ConnectionTrait,
    deployment: i64,
) -> Result<Vec<incident::Model>, Error> {
    let query = incident::Entity::find()
        .filter(incident::Column::Deployment.eq(deployment))
        .filter(incident::Column::State.eq(IncidentState::Open))
        .limit(50);
    Ok(query.all(db).await?)
}

/// Open ones of the agents of some teams (`None`: all), newest first, bounded.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<incident::Model>, Error> {
    let query = incident::Entity::find()
        .filter(incident::Column::State.eq(IncidentState::Open))
        .filter(within(incident::Column::AgentId, teams))
        .order_by_desc(incident::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Incidents of the agents of some teams (`None`: all), newest first, below the cursor.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    asked: &IncidentQuery,
    agent: Option<AgentId>,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<incident::Model>, Error> {
    let mut query = incident::Entity::find()
        .filter(within(incident::Column::AgentId, teams))
        .order_by_desc(incident::Column::Number)
        .limit(limit);
    if !asked.state.is_empty() {
        // A word that is no state finds nothing, rather than everything.
        query = query.filter(incident::Column::State.is_in(asked.state.parse::<IncidentState>()));
    }
    if let Some(agent) = agent {
        query = query.filter(incident::Column::AgentId.eq(agent));
    }
    if let Ok(cursor) = asked.cursor.parse::<i64>() {
        query = query.filter(incident::Column::Number.lt(cursor));
    }
    Ok(query.all(db).await?)
}

/// What happened to an agent between two moments, newest first, bounded.
pub(crate) async fn timeline(
    db: &impl ConnectionTrait,
    agent: &str,
    from: &str,
    until: Option<&str>,
    limit: u64,
) -> Result<Vec<audit_leaf::Model>, Error> {
    let mut query = audit_leaf::Entity::find()
        .filter(audit_leaf::Column::Agent.eq(agent))
        .filter(audit_leaf::Column::Time.gte(from))
        .order_by_desc(audit_leaf::Column::Idx)
        .limit(limit);
    if let Some(until) = until {
        query = query.filter(audit_leaf::Column::Time.lte(until));
    }
    Ok(query.all(db).await?)
}

/// The next number. Unique by index: two at once collide and one tries again.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = incident::Entity::find().order_by_desc(incident::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// Writes an incident.
pub(crate) async fn insert(tx: &Tx, row: incident::Model) -> Result<(), Error> {
    incident::Entity::insert(incident::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What is written down with an arrow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Note<'a> {
    pub(crate) by: &'a str,
    pub(crate) text: &'a str,
    pub(crate) at: DateTime<Utc>,
}

/// Moves an incident on from the state that it was read in, with what is said about it.
pub(crate) async fn transition(
    tx: &Tx,
    row: &incident::Model,
    event: IncidentEvent,
    note: Note<'_>,
) -> Result<IncidentState, Error> {
    let next = row.state.apply(event)?;
    let update =
        incident::Entity::update_many().col_expr(incident::Column::State, Expr::value(next));
    let update = match next {
        IncidentState::Mitigated => update
            .col_expr(incident::Column::Mitigation, Expr::value(note.text))
            .col_expr(incident::Column::MitigatedAt, Expr::value(note.at)),
        IncidentState::Closed => update
            .col_expr(incident::Column::Lesson, Expr::value(note.text))
            .col_expr(incident::Column::ClosedBy, Expr::value(note.by))
            .col_expr(incident::Column::ClosedAt, Expr::value(note.at))
            .col_expr(
                incident::Column::OpenKey,
                Expr::value(Option::<String>::None),
            ),
        IncidentState::Open => update
            .col_expr(
                incident::Column::Mitigation,
                Expr::value(Option::<String>::None),
            )
            .col_expr(
                incident::Column::MitigatedAt,
                Expr::value(Option::<DateTime<Utc>>::None),
            ),
    };
    let moved = update
        .filter(incident::Column::Id.eq(row.id))
        .filter(incident::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Says who looks after it.
pub(crate) async fn set_owner(tx: &Tx, row: &incident::Model, owner: UserId) -> Result<(), Error> {
    let noted = incident::Entity::update_many()
        .col_expr(incident::Column::OwnerId, Expr::value(owner))
        .filter(incident::Column::Id.eq(row.id))
        .filter(incident::Column::State.ne(IncidentState::Closed))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}
