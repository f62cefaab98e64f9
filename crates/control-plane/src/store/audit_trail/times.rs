//! A time of the trail as places in the log, whose order is nearly that of time.

use chrono::{DateTime, TimeDelta, Utc};
use domain::form::query::trail::TrailFilter;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{C, Range, aside};
use crate::audit::spelled;
use crate::error::Error;
use crate::store::entity::audit_leaf;

/// How far the time of an event can be from those beside it: transactions that wait for each other, clocks of replicas.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Between which events those of the time can be. An event is never more than [`SKEW`] out of the order of time.
pub(super) async fn range(
    db: &impl ConnectionTrait,
    filter: &TrailFilter,
    below: Option<i64>,
) -> Result<Range, Error> {
    let mut range = (0, below.unwrap_or(i64::MAX));
    let last: Option<i64> = match filter.from {
        Some(from) => {
            let last = before(spelled(moved(from, -SKEW)));
            last.into_tuple().one(db).await?
        }
        None => None,
    };
    let first: Option<i64> = match filter.to {
        Some(to) => {
            let first = since(spelled(moved(to, SKEW)));
            first.into_tuple().one(db).await?
        }
        None => None,
    };
    range.0 = last.map_or(range.0, |last| last + 1);
    range.1 = first.map_or(range.1, |first| std::cmp::min(range.1, first));
    Ok(range)
}

fn moved(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(at)
}

/// The last event before a time, by its time.
pub(super) fn before(time: String) -> Select<audit_leaf::Entity> {
    audit_leaf::Entity::find()
        .select_only()
        .column(C::Idx)
        .filter(C::Time.lt(time))
        .order_by_desc(C::Time)
        .order_by_desc(C::Idx)
        .limit(1)
}

/// The first event at a time or after it, by its time.
pub(super) fn since(time: String) -> Select<audit_leaf::Entity> {
    audit_leaf::Entity::find()
        .select_only()
        .column(C::Idx)
        .filter(C::Time.gte(time))
        .order_by_asc(C::Time)
        .order_by_asc(C::Idx)
        .limit(1)
}

/// The times themselves, for the events at the ends of the range.
pub(super) fn times(filter: &TrailFilter) -> Vec<Expr> {
    let from = filter.from.map(|at| aside(C::Time).gte(spelled(at)));
    let to = filter.to.map(|at| aside(C::Time).lt(spelled(at)));
    from.into_iter().chain(to).collect()
}
