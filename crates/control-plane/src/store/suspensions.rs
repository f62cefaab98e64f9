//! Suspensions of identities.

use chrono::{DateTime, Utc};
use domain::id::IdentityId;
use domain::suspension::{SuspensionEvent, SuspensionState};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::suspension;
use super::guarded;
use super::outside::outside;
use crate::error::Error;
use crate::transact::Tx;

outside!(suspension);

/// The one of an identity that is neither lifted nor over.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    identity: IdentityId,
) -> Result<Option<suspension::Model>, Error> {
    let query =
        suspension::Entity::find().filter(suspension::Column::OpenKey.eq(identity.to_string()));
    Ok(query.one(db).await?)
}

/// Those of several identities, also those that are over.
pub(crate) async fn of_many(
    db: &impl ConnectionTrait,
    identities: Vec<IdentityId>,
) -> Result<Vec<suspension::Model>, Error> {
    let query = suspension::Entity::find().filter(suspension::Column::IdentityId.is_in(identities));
    Ok(query.all(db).await?)
}

/// Moves a suspension on from the state that it was read in.
pub(crate) async fn transition(
    tx: &Tx,
    row: &suspension::Model,
    event: SuspensionEvent,
    now: DateTime<Utc>,
) -> Result<SuspensionState, Error> {
    let next = row.state.apply(event)?;
    let over = match next {
        SuspensionState::Lifted | SuspensionState::Over => true,
        SuspensionState::Requested | SuspensionState::InForce | SuspensionState::Lifting => false,
    };
    guarded(&moving(row, next, over, now).exec(&**tx).await?)?;
    Ok(next)
}
