//! Findings.

use chrono::{DateTime, Utc};
use domain::finding::{FindingEvent, FindingKind, FindingState};
use domain::form::query::FindingQuery;
use domain::id::{AgentId, FindingId, TeamId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::finding;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most findings that are not resolved and that one reconciler looks at.
const OPEN_MAX: u64 = 5_000;

/// The one that is not resolved about something.
pub(crate) async fn by_key(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<finding::Model>, Error> {
    let query = finding::Entity::find().filter(finding::Column::OpenKey.eq(key));
    Ok(query.one(db).await?)
}

/// One finding. What is merely suspected is not there for anybody.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<finding::Model, Error> {
    let query = finding::Entity::find()
        .filter(finding::Column::Number.eq(number))
        .filter(finding::Column::State.ne(FindingState::Suspected));
    let row = query.one(db).await?;
    row.ok_or(Error::NotFound { kind: "finding" })
}

/// A finding by its id.
pub(crate) async fn by_id(
    db: &impl ConnectionTrait,
    id: FindingId,
) -> Result<finding::Model, Error> {
    let row = finding::Entity::find_by_id(id).one(db).await?;
    row.ok_or(Error::NotFound { kind: "finding" })
}

/// Everything of some kinds that is not resolved, bounded.
pub(crate) async fn unresolved(
    db: &impl ConnectionTrait,
    kinds: &[FindingKind],
) -> Result<Vec<finding::Model>, Error> {
    let query = finding::Entity::find()
        .filter(finding::Column::OpenKey.is_not_null())
        .filter(finding::Column::Kind.is_in(kinds.iter().copied()))
        .limit(OPEN_MAX);
    Ok(query.all(db).await?)
}

/// How many of a kind are not resolved, about one agent or about none.
pub(crate) async fn count_unresolved(
    db: &impl ConnectionTrait,
    kind: FindingKind,
    agent: Option<AgentId>,
) -> Result<u64, Error> {
    use finding::Column as C;
    let query = finding::Entity::find()
        .filter(C::OpenKey.is_not_null())
        .filter(C::Kind.eq(kind));
    let query = match agent {
        Some(agent) => query.filter(C::AgentId.eq(agent)),
        None => query.filter(C::AgentId.is_null()),
    };
    Ok(query.count(db).await?)
}

/// Those of some kinds that were not seen since a moment, bounded.
pub(crate) async fn quiet(
    db: &impl ConnectionTrait,
    kinds: &[FindingKind],
    since: DateTime<Utc>,
) -> Result<Vec<finding::Model>, Error> {
    let query = finding::Entity::find()
        .filter(finding::Column::OpenKey.is_not_null())
        .filter(finding::Column::Kind.is_in(kinds.iter().copied()))
        .filter(finding::Column::LastSeen.lt(since))
        .limit(200);
    Ok(query.all(db).await?)
}

/// Those whose ignoring is over, bounded.
pub(crate) async fn to_wake(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<finding::Model>, Error> {
    let query = finding::Entity::find()
        .filter(finding::Column::State.eq(FindingState::Ignored))
        .filter(finding::Column::IgnoredUntil.lte(now))
        .limit(200);
    Ok(query.all(db).await?)
}

/// Who may see a finding: who reads in its team. What belongs to no team is for those who read in every team.
fn seen(
    query: sea_orm::Select<finding::Entity>,
    teams: Option<&[TeamId]>,
) -> sea_orm::Select<finding::Entity> {
    match teams {
        Some(teams) => query.filter(finding::Column::TeamId.is_in(teams.to_vec())),
        None => query,
    }
}

/// Findings that some teams see (`None`: all), newest first, below the cursor. A word that is no state or kind finds
/// nothing, rather than everything.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    asked: &FindingQuery,
    agent: Option<AgentId>,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<finding::Model>, Error> {
    let mut query = seen(finding::Entity::find(), teams)
        .filter(finding::Column::State.ne(FindingState::Suspected))
        .order_by_desc(finding::Column::Number)
        .limit(limit);
    query = match asked.state.as_str() {
        "" => query.filter(finding::Column::State.eq(FindingState::Open)),
        "any" => query,
        word => query.filter(finding::Column::State.is_in(word.parse::<FindingState>())),
    };
    query = match asked.kind.as_str() {
        "" => query,
        "drift" => {
            let drift = FindingKind::ALL.iter().copied().filter(|k| k.is_drift());
            query.filter(finding::Column::Kind.is_in(drift))
        }
        word => query.filter(finding::Column::Kind.is_in(word.parse::<FindingKind>())),
    };
    if let Some(agent) = agent {
        query = query.filter(finding::Column::AgentId.eq(agent));
    }
    if let Ok(cursor) = asked.cursor.parse::<i64>() {
        query = query.filter(finding::Column::Number.lt(cursor));
    }
    Ok(query.all(db).await?)
}

/// How many are open, of one kind or of all.
pub(crate) async fn count_open(
    db: &impl ConnectionTrait,
    kind: Option<FindingKind>,
    teams: Option<&[TeamId]>,
) -> Result<u64, Error> {
    let mut query = seen(finding::Entity::find(), teams);
    query = query.filter(finding::Column::State.eq(FindingState::Open));
    if let Some(kind) = kind {
        query = query.filter(finding::Column::Kind.eq(kind));
    }
    Ok(query.count(db).await?)
}

/// The next number. Unique by index: two at once collide and one tries again.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = finding::Entity::find().order_by_desc(finding::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// Writes a finding.
pub(crate) async fn insert(tx: &Tx, row: finding::Model) -> Result<(), Error> {
    finding::Entity::insert(finding::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes that it was seen once more, and what is to be said of it now.
pub(crate) async fn note_sighting(
    tx: &Tx,
    row: &finding::Model,
    said: (&str, Option<&str>, Option<&str>),
    sightings: i32,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let noted = finding::Entity::update_many()
        .col_expr(finding::Column::What, Expr::value(said.0))
        .col_expr(finding::Column::Expected, Expr::value(said.1))
        .col_expr(finding::Column::Found, Expr::value(said.2))
        .col_expr(finding::Column::Sightings, Expr::value(sightings))
        .col_expr(finding::Column::LastSeen, Expr::value(now))
        .filter(finding::Column::Id.eq(row.id))
        .filter(finding::Column::Sightings.eq(row.sightings))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Moves a finding on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &finding::Model,
    event: FindingEvent,
    now: DateTime<Utc>,
) -> Result<FindingState, Error> {
    let next = row.state.apply(event)?;
    let resolved = next == FindingState::Resolved;
    let mut update = finding::Entity::update_many()
        .col_expr(finding::Column::State, Expr::value(next))
        .col_expr(
            finding::Column::ResolvedAt,
            Expr::value(resolved.then_some(now)),
        );
    if resolved {
        update = update.col_expr(
            finding::Column::OpenKey,
            Expr::value(Option::<String>::None),
        );
    }
    let moved = update
        .filter(finding::Column::Id.eq(row.id))
        .filter(finding::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Notes until when, by whom and why it is ignored. All three are empty again when it is not.
pub(crate) async fn set_ignored(
    tx: &Tx,
    row: &finding::Model,
    until: Option<DateTime<Utc>>,
    by: Option<&str>,
    reason: Option<&str>,
) -> Result<(), Error> {
    let noted = finding::Entity::update_many()
        .col_expr(finding::Column::IgnoredUntil, Expr::value(until))
        .col_expr(finding::Column::IgnoredBy, Expr::value(by))
        .col_expr(finding::Column::Reason, Expr::value(reason))
        .filter(finding::Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Notes who looks after it.
pub(crate) async fn set_owner(
    tx: &Tx,
    row: &finding::Model,
    owner: Option<UserId>,
) -> Result<(), Error> {
    let noted = finding::Entity::update_many()
        .col_expr(finding::Column::OwnerId, Expr::value(owner))
        .filter(finding::Column::Id.eq(row.id))
        .filter(finding::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Forgets a suspicion that proved wrong.
pub(crate) async fn forget(tx: &Tx, row: &finding::Model) -> Result<(), Error> {
    finding::Entity::delete_many()
        .filter(finding::Column::Id.eq(row.id))
        .filter(finding::Column::State.eq(FindingState::Suspected))
        .exec(&**tx)
        .await?;
    Ok(())
}
