//! Changes of the keys of identities.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::id::IdentityId;
use domain::key_rotation::{KeyRotationEvent, KeyRotationState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::key_rotation;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// The one of an identity that is neither done nor over.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    identity: IdentityId,
) -> Result<Option<key_rotation::Model>, Error> {
    let query =
        key_rotation::Entity::find().filter(key_rotation::Column::OpenKey.eq(identity.to_string()));
    Ok(query.one(db).await?)
}

/// Everything that is neither done nor over, bounded.
pub(crate) async fn current(db: &impl ConnectionTrait) -> Result<Vec<key_rotation::Model>, Error> {
    let query = key_rotation::Entity::find()
        .filter(key_rotation::Column::OpenKey.is_not_null())
        .limit(1_000);
    Ok(query.all(db).await?)
}

/// Writes one.
pub(crate) async fn insert(tx: &Tx, row: key_rotation::Model) -> Result<(), Error> {
    key_rotation::Entity::insert(key_rotation::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves one on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &key_rotation::Model,
    event: KeyRotationEvent,
    now: DateTime<Utc>,
) -> Result<KeyRotationState, Error> {
    let next = row.state.apply(event)?;
    let mut update = key_rotation::Entity::update_many()
        .col_expr(key_rotation::Column::State, Expr::value(next))
        .col_expr(key_rotation::Column::Attempts, Expr::value(0))
        .col_expr(
            key_rotation::Column::LastError,
            Expr::value(Option::<String>::None),
        )
        .col_expr(key_rotation::Column::NextAttemptAt, Expr::value(now));
    if next != KeyRotationState::Requested {
        update = update
            .col_expr(key_rotation::Column::OverAt, Expr::value(now))
            .col_expr(
                key_rotation::Column::OpenKey,
                Expr::value(Option::<String>::None),
            );
    }
    let moved = update
        .filter(key_rotation::Column::Id.eq(row.id))
        .filter(key_rotation::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Notes that the provider did not do it, and when to try again.
pub(crate) async fn postpone(
    tx: &Tx,
    row: &key_rotation::Model,
    error: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    key_rotation::Entity::update_many()
        .col_expr(
            key_rotation::Column::Attempts,
            Expr::value(row.attempts + 1),
        )
        .col_expr(
            key_rotation::Column::LastError,
            Expr::value(domain::text::cut(&domain::text::visible(error), 500)),
        )
        .col_expr(key_rotation::Column::NextAttemptAt, Expr::value(at))
        .filter(key_rotation::Column::Id.eq(row.id))
        .filter(key_rotation::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// When each of several identities got its last key by hand.
pub(crate) async fn last_done(
    db: &impl ConnectionTrait,
    identities: Vec<IdentityId>,
) -> Result<BTreeMap<IdentityId, DateTime<Utc>>, Error> {
    let rows: Vec<(IdentityId, Option<DateTime<Utc>>)> = key_rotation::Entity::find()
        .select_only()
        .column(key_rotation::Column::IdentityId)
        .column_as(key_rotation::Column::OverAt.max(), "over_at")
        .filter(key_rotation::Column::IdentityId.is_in(identities))
        .filter(key_rotation::Column::State.eq(KeyRotationState::Done))
        .group_by(key_rotation::Column::IdentityId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(identity, at)| Some((identity, at?)))
        .collect())
}
