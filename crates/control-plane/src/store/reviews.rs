//! Access reviews and their items.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::id::{ReviewId, TeamId, UserId};
use domain::review::{ItemVerdict, ReviewState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _,
};

use super::entity::{review, review_item};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Rows that are written with one statement: databases take a bounded number of values.
const TOGETHER: usize = 500;

/// What one covers while it is open.
pub(crate) fn open_key(team: Option<TeamId>) -> String {
    team.map_or_else(|| "everything".to_owned(), |team| team.to_string())
}

/// The open one that covers the same, if there is one.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    team: Option<TeamId>,
) -> Result<Option<review::Model>, Error> {
    let query = review::Entity::find().filter(review::Column::OpenKey.eq(open_key(team)));
    Ok(query.one(db).await?)
}

/// Every open one: one of each team, and one of everything, at the most.
pub(crate) async fn all_open(db: &impl ConnectionTrait) -> Result<Vec<review::Model>, Error> {
    let query = review::Entity::find()
        .filter(review::Column::OpenKey.is_not_null())
        .order_by_asc(review::Column::Number);
    Ok(query.all(db).await?)
}

/// One by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<review::Model, Error> {
    let query = review::Entity::find().filter(review::Column::Number.eq(number));
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "review" })
}

/// The same, locked for this transaction: those who decide of one review, and who signs it, take turns.
pub(crate) async fn lock(tx: &Tx, number: i64) -> Result<review::Model, Error> {
    let query = review::Entity::find().filter(review::Column::Number.eq(number));
    query
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(Error::NotFound { kind: "review" })
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = review::Entity::find().order_by_desc(review::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// Reviews of some teams (`None`: all), newest first, below a number.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    teams: Option<Vec<TeamId>>,
    below: Option<i64>,
    limit: u64,
) -> Result<Vec<review::Model>, Error> {
    let mut query = review::Entity::find()
        .filter(review::Column::Number.lt(below.unwrap_or(i64::MAX)))
        .order_by_desc(review::Column::Number)
        .limit(limit);
    if let Some(teams) = teams {
        query = query.filter(review::Column::TeamId.is_in(teams));
    }
    Ok(query.all(db).await?)
}

/// Writes a review with its items.
pub(crate) async fn insert(
    tx: &Tx,
    row: review::Model,
    items: &[review_item::Model],
) -> Result<(), Error> {
    review::Entity::insert(review::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    for some in items.chunks(TOGETHER) {
        let rows = some.iter().cloned().map(review_item::ActiveModel::from);
        review_item::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}

/// One item of a review.
pub(crate) async fn item(
    db: &impl ConnectionTrait,
    review: ReviewId,
    item: i64,
) -> Result<review_item::Model, Error> {
    let query = review_item::Entity::find()
        .filter(review_item::Column::ReviewId.eq(review))
        .filter(review_item::Column::Item.eq(item));
    query.one(db).await?.ok_or(Error::NotFound {
        kind: "review item",
    })
}

/// Items of a review in their order, after one, bounded; those without a verdict alone if asked.
pub(crate) async fn items(
    db: &impl ConnectionTrait,
    review: ReviewId,
    undecided: bool,
    after: i64,
    limit: u64,
) -> Result<Vec<review_item::Model>, Error> {
    let mut query = review_item::Entity::find()
        .filter(review_item::Column::ReviewId.eq(review))
        .filter(review_item::Column::Item.gt(after))
        .order_by_asc(review_item::Column::Item)
        .limit(limit);
    if undecided {
        query = query.filter(review_item::Column::Verdict.is_null());
    }
    Ok(query.all(db).await?)
}

/// How many items of several reviews came to what; `None` for those without a verdict.
pub(crate) type Counts = BTreeMap<(ReviewId, Option<ItemVerdict>), u64>;

/// See [`Counts`].
pub(crate) async fn counts(
    db: &impl ConnectionTrait,
    reviews: Vec<ReviewId>,
) -> Result<Counts, Error> {
    let query = review_item::Entity::find()
        .select_only()
        .column(review_item::Column::ReviewId)
        .column(review_item::Column::Verdict)
        .column_as(review_item::Column::Id.count(), "count")
        .filter(review_item::Column::ReviewId.is_in(reviews))
        .group_by(review_item::Column::ReviewId)
        .group_by(review_item::Column::Verdict);
    let rows: Vec<(ReviewId, Option<ItemVerdict>, i64)> = query.into_tuple().all(db).await?;
    let count = |(review, verdict, count)| Ok(((review, verdict), crate::audit::to_u64(count)?));
    rows.into_iter().map(count).collect()
}

/// What was decided about an item, and by whom.
#[derive(Debug)]
pub(crate) struct Decided<'a> {
    pub(crate) verdict: ItemVerdict,
    pub(crate) reason: Option<&'a str>,
    pub(crate) by: (UserId, &'a str),
    pub(crate) at: DateTime<Utc>,
}

/// Writes the one decision about an item.
pub(crate) async fn decide(
    tx: &Tx,
    row: &review_item::Model,
    decided: &Decided<'_>,
) -> Result<(), Error> {
    use review_item::Column as C;
    let (by, name) = decided.by;
    let moved = review_item::Entity::update_many()
        .col_expr(C::Verdict, Expr::value(Some(decided.verdict)))
        .col_expr(C::Reason, Expr::value(decided.reason))
        .col_expr(C::DecidedBy, Expr::value(Some(by)))
        .col_expr(C::DecidedByName, Expr::value(Some(name)))
        .col_expr(C::DecidedAt, Expr::value(Some(decided.at)))
        .filter(C::Id.eq(row.id))
        .filter(C::Verdict.is_null())
        .exec(&**tx)
        .await?;
    guarded(&moved)
}

/// Signs an open review.
pub(crate) async fn sign(
    tx: &Tx,
    row: &review::Model,
    (by, name): (UserId, &str),
    digest: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    use review::Column as C;
    let moved = review::Entity::update_many()
        .col_expr(C::State, Expr::value(ReviewState::Signed))
        .col_expr(C::OpenKey, Expr::value(None::<String>))
        .col_expr(C::SignedBy, Expr::value(Some(by)))
        .col_expr(C::SignedByName, Expr::value(Some(name)))
        .col_expr(C::SignedAt, Expr::value(Some(at)))
        .col_expr(C::Digest, Expr::value(Some(digest)))
        .filter(C::Id.eq(row.id))
        .filter(C::State.eq(ReviewState::Open))
        .exec(&**tx)
        .await?;
    guarded(&moved)
}
