//! Who outside keeps heads of the audit log. Each is claimed by lease and fence, so that two servers do not ask twice.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany,
};

use super::claim::{LEASE, fenced};
use super::entity::log_keeper::{ActiveModel, Column, Entity, Model};
use crate::error::Error;
use crate::transact::Tx;

/// Whose turn it is, and for which head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) names: &'a [String],
    pub(crate) origin: &'a str,
    /// The size of the head that they should keep.
    pub(crate) size: i64,
    pub(crate) now: DateTime<Utc>,
}

/// Those of these names.
pub(crate) async fn named(
    db: &impl ConnectionTrait,
    names: &[String],
) -> Result<Vec<Model>, Error> {
    let query = Entity::find().filter(Column::Name.is_in(names.to_vec()));
    Ok(query.all(db).await?)
}

/// Those of them who keep an older head, and can be asked now.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    wanted: Wanted<'_>,
) -> Result<Vec<Model>, Error> {
    let behind = Condition::any()
        .add(Column::Size.lt(wanted.size))
        .add(Column::Origin.ne(wanted.origin));
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lt(wanted.now));
    let query = Entity::find()
        .filter(Column::Name.is_in(wanted.names.to_vec()))
        .filter(behind)
        .filter(free)
        .filter(Column::NextAttemptAt.lte(wanted.now));
    Ok(query.all(db).await?)
}

/// Makes a row for each of these names that has none.
pub(crate) async fn ensure(tx: &Tx, names: &[String], now: DateTime<Utc>) -> Result<(), Error> {
    let known = named(&**tx, names).await?;
    for name in names {
        if known.iter().any(|row| row.name == *name) {
            continue;
        }
        let fresh = ActiveModel {
            name: Set(name.clone()),
            origin: Set(String::new()),
            size: Set(0),
            kept_at: Set(None),
            kept_as: Set(None),
            trouble: Set(None),
            lease_owner: Set(None),
            lease_until: Set(None),
            fence: Set(0),
            attempts: Set(0),
            next_attempt_at: Set(now),
        };
        Entity::insert(fresh).exec_without_returning(&**tx).await?;
    }
    Ok(())
}

/// Claims everybody whose turn it is.
pub(crate) async fn claim(tx: &Tx, owner: &str, wanted: Wanted<'_>) -> Result<Vec<Model>, Error> {
    let mut claimed = Vec::new();
    for mut row in due(&**tx, wanted).await? {
        let taken = held(&row)
            .col_expr(Column::LeaseOwner, Expr::value(owner))
            .col_expr(Column::LeaseUntil, Expr::value(wanted.now + LEASE))
            .col_expr(Column::Fence, Expr::value(row.fence + 1))
            .col_expr(Column::Attempts, Expr::value(row.attempts + 1))
            .exec(&**tx)
            .await?;
        if taken.rows_affected == 1 {
            row.fence += 1;
            row.attempts += 1;
            claimed.push(row);
        }
    }
    Ok(claimed)
}

/// It keeps the head of this size now, and is not asked again before `next`.
pub(crate) async fn keeps(
    tx: &Tx,
    row: &Model,
    (origin, size): (&str, i64),
    kept_as: Option<&str>,
    (now, next): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), Error> {
    let nothing = || Expr::value(Option::<String>::None);
    let done = held(row)
        .col_expr(Column::Origin, Expr::value(origin))
        .col_expr(Column::Size, Expr::value(size))
        .col_expr(Column::KeptAt, Expr::value(now))
        .col_expr(Column::KeptAs, Expr::value(kept_as.map(str::to_owned)))
        .col_expr(Column::Trouble, nothing())
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(
            Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        );
    fenced(&done.exec(&**tx).await?)
}

/// It keeps no more than the head of this size.
pub(crate) async fn forgets(tx: &Tx, row: &Model, size: i64) -> Result<(), Error> {
    let noted = held(row).col_expr(Column::Size, Expr::value(size));
    fenced(&noted.exec(&**tx).await?)
}

/// It does not, for this reason, and is asked again at `next`.
pub(crate) async fn fails(
    tx: &Tx,
    row: &Model,
    trouble: &str,
    next: DateTime<Utc>,
) -> Result<(), Error> {
    let said = domain::text::cut(&domain::text::visible(trouble), 500);
    let noted = held(row)
        .col_expr(Column::Trouble, Expr::value(said))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(
            Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        );
    fenced(&noted.exec(&**tx).await?)
}

/// An update of a row while this fence holds.
fn held(row: &Model) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Name.eq(row.name.as_str()))
        .filter(Column::Fence.eq(row.fence))
}
