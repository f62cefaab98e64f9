//! Suspensions of identities.

use chrono::{DateTime, Utc};
use domain::id::IdentityId;
use domain::suspension::{SuspensionEvent, SuspensionState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::suspension;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// The one of an identity that is neither lifted nor over.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    identity: IdentityId,
) -> Result<Option<suspension::Model>, Error> {
    let query =
        suspension::Entity::find().filter(suspension::Column::OpenKey.eq(identity.to_string()));
    Ok(query.one(db).await?)
}

/// Everything that is neither lifted nor over, bounded.
pub(crate) async fn current(db: &impl ConnectionTrait) -> Result<Vec<suspension::Model>, Error> {
    let query = suspension::Entity::find()
        .filter(suspension::Column::OpenKey.is_not_null())
        .limit(1_000);
    Ok(query.all(db).await?)
}

/// Writes a suspension.
pub(crate) async fn insert(tx: &Tx, row: suspension::Model) -> Result<(), Error> {
    suspension::Entity::insert(suspension::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves a suspension on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &suspension::Model,
    event: SuspensionEvent,
    now: DateTime<Utc>,
) -> Result<SuspensionState, Error> {
    let next = row.state.apply(event)?;
    let mut update = suspension::Entity::update_many()
        .col_expr(suspension::Column::State, Expr::value(next))
        .col_expr(suspension::Column::Attempts, Expr::value(0))
        .col_expr(
            suspension::Column::LastError,
            Expr::value(Option::<String>::None),
        )
        .col_expr(suspension::Column::NextAttemptAt, Expr::value(now));
    match next {
        SuspensionState::Lifted | SuspensionState::Over => {
            update = update
                .col_expr(suspension::Column::OverAt, Expr::value(now))
                .col_expr(
                    suspension::Column::OpenKey,
                    Expr::value(Option::<String>::None),
                );
        }
        SuspensionState::Requested | SuspensionState::InForce | SuspensionState::Lifting => {}
    }
    let moved = update
        .filter(suspension::Column::Id.eq(row.id))
        .filter(suspension::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Notes that the provider did not do it, and when to try again.
pub(crate) async fn postpone(
    tx: &Tx,
    row: &suspension::Model,
    error: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    suspension::Entity::update_many()
        .col_expr(suspension::Column::Attempts, Expr::value(row.attempts + 1))
        .col_expr(
            suspension::Column::LastError,
            Expr::value(domain::text::cut(&domain::text::visible(error), 500)),
        )
        .col_expr(suspension::Column::NextAttemptAt, Expr::value(at))
        .filter(suspension::Column::Id.eq(row.id))
        .filter(suspension::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    Ok(())
}
