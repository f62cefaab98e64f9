//! Changes of the keys of identities.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::id::IdentityId;
use domain::key_rotation::{KeyRotationEvent, KeyRotationState};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::key_rotation;
use super::guarded;
use super::outside::outside;
use crate::error::Error;
use crate::transact::Tx;

outside!(key_rotation);

/// The one of an identity that is neither done nor over.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    identity: IdentityId,
) -> Result<Option<key_rotation::Model>, Error> {
    let query =
        key_rotation::Entity::find().filter(key_rotation::Column::OpenKey.eq(identity.to_string()));
    Ok(query.one(db).await?)
}

/// Moves one on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &key_rotation::Model,
    event: KeyRotationEvent,
    now: DateTime<Utc>,
) -> Result<KeyRotationState, Error> {
    let next = row.state.apply(event)?;
    let over = next != KeyRotationState::Requested;
    guarded(&moving(row, next, over, now).exec(&**tx).await?)?;
    Ok(next)
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
