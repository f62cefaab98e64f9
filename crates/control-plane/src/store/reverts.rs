//! What people asked to be put back.

use chrono::{DateTime, Utc};
use domain::id::FindingId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::revert;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// What is to be done now, bounded.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<revert::Model>, Error> {
    let query = revert::Entity::find()
        .filter(revert::Column::DoneAt.is_null())
        .filter(revert::Column::NextAttemptAt.lte(now))
        .limit(20);
    Ok(query.all(db).await?)
}

/// The one of a finding.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    finding: FindingId,
) -> Result<Option<revert::Model>, Error> {
    Ok(revert::Entity::find_by_id(finding).one(db).await?)
}

/// Asks for it. Asked for again after it was done, it is done again.
pub(crate) async fn ask(tx: &Tx, row: revert::Model) -> Result<(), Error> {
    let known = of(&**tx, row.finding_id).await?;
    match known {
        Some(known) if known.done_at.is_none() => Ok(()),
        Some(_) => {
            revert::Entity::delete_by_id(row.finding_id)
                .exec(&**tx)
                .await?;
            insert(tx, row).await
        }
        None => insert(tx, row).await,
    }
}

async fn insert(tx: &Tx, row: revert::Model) -> Result<(), Error> {
    revert::Entity::insert(revert::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes that it is done.
pub(crate) async fn done(tx: &Tx, row: &revert::Model, now: DateTime<Utc>) -> Result<(), Error> {
    let noted = revert::Entity::update_many()
        .col_expr(revert::Column::DoneAt, Expr::value(Some(now)))
        .col_expr(
            revert::Column::LastError,
            Expr::value(Option::<String>::None),
        )
        .filter(revert::Column::FindingId.eq(row.finding_id))
        .filter(revert::Column::DoneAt.is_null())
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Notes that it did not work, and when to try again.
pub(crate) async fn postpone(
    tx: &Tx,
    row: &revert::Model,
    error: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    revert::Entity::update_many()
        .col_expr(revert::Column::Attempts, Expr::value(row.attempts + 1))
        .col_expr(
            revert::Column::LastError,
            Expr::value(domain::text::cut(&domain::text::visible(error), 500)),
        )
        .col_expr(revert::Column::NextAttemptAt, Expr::value(at))
        .filter(revert::Column::FindingId.eq(row.finding_id))
        .exec(&**tx)
        .await?;
    Ok(())
}
