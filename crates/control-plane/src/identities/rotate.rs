//! Another key for an identity, asked for by a person. Its scopes, its deployment and its approval stay what they are.

use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::identity::IdentityForm;
use domain::id::KeyRotationId;
use domain::identity::IdentityState;
use domain::key_rotation::{KeyRotationEvent, KeyRotationState};

use super::found::{event, to_act_on};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::key_rotation;
use crate::transact::Tx;

/// Asks for another key. The provider and the agent's runtime get it from `workers/rotate_keys.rs`, as often as it takes; from
/// then on nothing that the old key signs counts, and tokens that are out live to their end.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or not to be seen, [`Error::Forbidden`] without the right to roll back,
/// [`Conflict::WrongState`] for one that is being given a key already, revoked, or not made yet.
pub async fn rotate(cp: &ControlPlane, ctx: &OpCtx, form: &IdentityForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("identities::rotate", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = to_act_on(tx, ctx, &form.client_id).await?;
        let (identity, reason) = (&found.identity, form.reason()?);
        let stands = matches!(
            identity.state,
            IdentityState::Active | IdentityState::Suspended
        );
        if !stands
            || store::key_rotations::of(&**tx, identity.id)
                .await?
                .is_some()
        {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let row = key_rotation::Model {
            id: KeyRotationId(ids::new()),
            identity_id: identity.id,
            open_key: Some(identity.id.to_string()),
            state: KeyRotationState::Requested,
            asked_by: ctx.actor().name().to_owned(),
            reason: reason.clone(),
            asked_at: ctx.now(),
            over_at: None,
            last_error: None,
            attempts: 0,
            next_attempt_at: ctx.now(),
        };
        store::key_rotations::insert(tx, row).await?;
        let event = event(AuditAction::IdentityKeyRotated, &found).reason(&reason);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Notes that the provider has the new key: what the old one signs counts no more.
pub(crate) async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    row: &key_rotation::Model,
    public_jwk: Option<&str>,
) -> Result<(), Error> {
    let event = match public_jwk {
        Some(key) => {
            store::identities::set_key(tx, row.identity_id, key).await?;
            KeyRotationEvent::Rotated
        }
        None => KeyRotationEvent::IdentityRevoked,
    };
    store::key_rotations::transition(tx, row, event, ctx.now()).await?;
    Ok(())
}
