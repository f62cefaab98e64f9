//! Roles held for a time, and which standing ones were used.

use chrono::{DateTime, Utc};
use domain::actor::Grant;
use domain::elevation::{ElevationEvent, ElevationState};
use domain::id::{TeamId, TokenId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::{api_token, audit_leaf, elevation};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

const OPEN: [ElevationState; 2] = [ElevationState::Requested, ElevationState::Active];

/// The roles that a person holds at a moment beside the standing ones: the clock decides, whatever was written down.
pub(crate) async fn grants(
    db: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Grant>, Error> {
    let rows = active(db, user, now).await?;
    Ok(rows
        .into_iter()
        .map(|row| Grant {
            role: row.role,
            team: Some(row.team_id),
        })
        .collect())
}

/// What a person holds at a moment, soonest to end first.
pub(crate) async fn active(
    db: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<elevation::Model>, Error> {
    let query = elevation::Entity::find()
        .filter(elevation::Column::UserId.eq(user))
        .filter(elevation::Column::State.eq(ElevationState::Active))
        .filter(elevation::Column::Until.gt(now))
        .order_by_asc(elevation::Column::Until);
    Ok(query.all(db).await?)
}

/// What anybody holds at a moment: whose it is, and the role.
pub(crate) async fn all_grants(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<(UserId, Grant)>, Error> {
    let query = elevation::Entity::find()
        .filter(elevation::Column::State.eq(ElevationState::Active))
        .filter(elevation::Column::Until.gt(now));
    let rows = query.all(db).await?.into_iter();
    Ok(rows
        .map(|row| {
            let grant = Grant {
                role: row.role,
                team: Some(row.team_id),
            };
            (row.user_id, grant)
        })
        .collect())
}

/// What a person asked for or holds, as far as it is not over.
pub(crate) async fn open_of(
    db: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<elevation::Model>, Error> {
    let query = elevation::Entity::find()
        .filter(elevation::Column::UserId.eq(user))
        .filter(elevation::Column::State.is_in(OPEN))
        .filter(elevation::Column::Until.gt(now));
    Ok(query.all(db).await?)
}

/// One by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<elevation::Model, Error> {
    let query = elevation::Entity::find().filter(elevation::Column::Number.eq(number));
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "elevation" })
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = elevation::Entity::find().order_by_desc(elevation::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// Theirs, or of some teams (`None`: of all).
fn seen(user: Option<UserId>, teams: Option<&[TeamId]>) -> Condition {
    let Some(teams) = teams else {
        return Condition::all();
    };
    let mut either = Condition::any().add(elevation::Column::TeamId.is_in(teams.to_vec()));
    if let Some(user) = user {
        either = either.add(elevation::Column::UserId.eq(user));
    }
    either
}

/// What is not over at a moment, soonest to end first, bounded.
pub(crate) async fn open_page(
    db: &impl ConnectionTrait,
    user: Option<UserId>,
    teams: Option<&[TeamId]>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<elevation::Model>, Error> {
    let query = elevation::Entity::find()
        .filter(seen(user, teams))
        .filter(elevation::Column::State.is_in(OPEN))
        .filter(elevation::Column::Until.gt(now))
        .order_by_asc(elevation::Column::Until)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// What is over at a moment, newest first, below a number.
pub(crate) async fn past_page(
    db: &impl ConnectionTrait,
    user: Option<UserId>,
    teams: Option<&[TeamId]>,
    now: DateTime<Utc>,
    below: Option<i64>,
    limit: u64,
) -> Result<Vec<elevation::Model>, Error> {
    let over = Condition::any()
        .add(elevation::Column::State.is_not_in(OPEN))
        .add(elevation::Column::Until.lte(now));
    let query = elevation::Entity::find()
        .filter(seen(user, teams))
        .filter(over)
        .filter(elevation::Column::Number.lt(below.unwrap_or(i64::MAX)))
        .order_by_desc(elevation::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// What the clock ended and nobody wrote down yet.
pub(crate) async fn lapsed(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<elevation::Model>, Error> {
    let query = elevation::Entity::find()
        .filter(elevation::Column::State.is_in(OPEN))
        .filter(elevation::Column::Until.lte(now))
        .limit(100);
    Ok(query.all(db).await?)
}

/// Writes a request.
pub(crate) async fn insert(tx: &Tx, row: elevation::Model) -> Result<(), Error> {
    elevation::Entity::insert(elevation::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Who did what to an elevation, and until when it then lasts.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) event: ElevationEvent,
    pub(crate) at: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    /// Who answered.
    pub(crate) decided: Option<(UserId, &'a str)>,
    pub(crate) reason: Option<&'a str>,
    /// Who ended it.
    pub(crate) ended_by: Option<&'a str>,
}

/// Moves an elevation on, guarded by state and revision.
pub(crate) async fn transition(
    tx: &Tx,
    row: &elevation::Model,
    step: &Step<'_>,
) -> Result<ElevationState, Error> {
    let next = row.state.apply(step.event)?;
    let mut update = elevation::Entity::update_many()
        .col_expr(elevation::Column::State, Expr::value(next))
        .col_expr(elevation::Column::Until, Expr::value(step.until))
        .col_expr(elevation::Column::Revision, Expr::value(row.revision + 1));
    if let Some((id, name)) = step.decided {
        update = update
            .col_expr(elevation::Column::DecidedBy, Expr::value(Some(id)))
            .col_expr(elevation::Column::DecidedByName, Expr::value(Some(name)))
            .col_expr(elevation::Column::DecisionReason, Expr::value(step.reason))
            .col_expr(elevation::Column::DecidedAt, Expr::value(Some(step.at)));
    }
    if !next.is_open() {
        update = update
            .col_expr(elevation::Column::EndedByName, Expr::value(step.ended_by))
            .col_expr(elevation::Column::EndedAt, Expr::value(Some(step.at)));
    }
    let moved = update
        .filter(elevation::Column::Id.eq(row.id))
        .filter(elevation::Column::State.eq(row.state))
        .filter(elevation::Column::Revision.eq(row.revision))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// One kind of act of one actor, about one agent or none, and when it was done last.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Act {
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) agent: Option<String>,
    /// As the log spells times.
    pub(crate) last: String,
}

/// What people and their tokens did since a time (as the log writes it), each kind once. Bounded by how many different kinds
/// there are, not by how often they happened.
pub(crate) async fn acts(db: &impl ConnectionTrait, since: &str) -> Result<Vec<Act>, Error> {
    use audit_leaf::Column as C;
    let query = audit_leaf::Entity::find()
        .select_only()
        .column_as(C::ActorId, "actor")
        .column(C::Action)
        .column(C::Agent)
        .column_as(C::Time.max(), "last")
        .filter(C::Time.gte(since))
        .filter(C::ActorKind.is_in(["user", "token"]))
        .filter(C::Outcome.eq("done"))
        .group_by(C::ActorId)
        .group_by(C::Action)
        .group_by(C::Agent)
        .limit(50_000);
    Ok(query.into_model::<Act>().all(db).await?)
}

/// Whose tokens are whose.
pub(crate) async fn token_owners(
    db: &impl ConnectionTrait,
) -> Result<Vec<(TokenId, UserId)>, Error> {
    let query = api_token::Entity::find()
        .select_only()
        .column(api_token::Column::Id)
        .column(api_token::Column::UserId)
        .limit(10_000);
    Ok(query.into_tuple().all(db).await?)
}
