//! What held when, and how far the log was read for it.

use domain::history::SpanKind;
use domain::id::TeamId;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entity::{agent, audit_leaf, span};
use crate::error::Error;
use crate::transact::Tx;

/// A fact holds from this event on; another one in its place ends.
pub(crate) async fn begin(tx: &Tx, row: span::Model) -> Result<(), Error> {
    let before = Which {
        kind: row.kind,
        subject: &row.subject,
        place: Some(&row.place),
        fact: None,
    };
    end(tx, &before, row.begun, &row.begun_at).await?;
    let row = span::ActiveModel {
        begun: Set(row.begun),
        ended: Set(row.ended),
        kind: Set(row.kind),
        subject: Set(row.subject),
        place: Set(row.place),
        fact: Set(row.fact),
        begun_at: Set(row.begun_at),
        ended_at: Set(row.ended_at),
    };
    span::Entity::insert(row)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Facts of one subject; wherever, and whatever they are, unless said.
#[derive(Debug)]
pub(crate) struct Which<'a> {
    pub(crate) kind: SpanKind,
    pub(crate) subject: &'a str,
    pub(crate) place: Option<&'a str>,
    pub(crate) fact: Option<&'a str>,
}

/// Facts end with this event.
pub(crate) async fn end(tx: &Tx, which: &Which<'_>, event: i64, at: &str) -> Result<(), Error> {
    let mut query = span::Entity::update_many()
        .col_expr(span::Column::Ended, Expr::value(event))
        .col_expr(span::Column::EndedAt, Expr::value(at))
        .filter(span::Column::Kind.eq(which.kind))
        .filter(span::Column::Subject.eq(which.subject))
        .filter(span::Column::Ended.is_null());
    if let Some(place) = which.place {
        query = query.filter(span::Column::Place.eq(place));
    }
    if let Some(fact) = which.fact {
        query = query.filter(span::Column::Fact.eq(fact));
    }
    query.exec(&**tx).await?;
    Ok(())
}

/// "Held when the log had so many events".
fn held(kind: SpanKind, events: i64) -> Condition {
    let over = Condition::any()
        .add(span::Column::Ended.is_null())
        .add(span::Column::Ended.gte(events));
    Condition::all()
        .add(span::Column::Kind.eq(kind))
        .add(span::Column::Begun.lt(events))
        .add(over)
}

/// What held of these subjects when the log had so many events.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    kind: SpanKind,
    subjects: Vec<String>,
    events: i64,
) -> Result<Vec<span::Model>, Error> {
    Ok(span::Entity::find()
        .filter(held(kind, events))
        .filter(span::Column::Subject.is_in(subjects))
        .order_by_asc(span::Column::Begun)
        .all(db)
        .await?)
}

/// Agents of some teams (`None`: all) that were registered then, by slug, behind the cursor.
pub(crate) async fn agents(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    events: i64,
    after: &str,
    limit: u64,
) -> Result<Vec<span::Model>, Error> {
    let mut query = span::Entity::find()
        .filter(held(SpanKind::Agent, events))
        .filter(span::Column::Subject.gt(after))
        .order_by_asc(span::Column::Subject)
        .limit(limit);
    if let Some(teams) = teams {
        let theirs = Query::select()
            .column(agent::Column::Slug)
            .from(agent::Entity)
            .and_where(agent::Column::TeamId.is_in(teams.to_vec()))
            .to_owned();
        query = query.filter(span::Column::Subject.in_subquery(theirs));
    }
    Ok(query.all(db).await?)
}

/// How many events the log had at a time, written as the log writes times.
pub(crate) async fn events_at(db: &impl ConnectionTrait, time: &str) -> Result<i64, Error> {
    let last: Option<i64> = audit_leaf::Entity::find()
        .select_only()
        .column(audit_leaf::Column::Idx)
        .filter(audit_leaf::Column::Time.lte(time))
        .order_by_desc(audit_leaf::Column::Time)
        .order_by_desc(audit_leaf::Column::Idx)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.map_or(0, |index| index + 1))
}
