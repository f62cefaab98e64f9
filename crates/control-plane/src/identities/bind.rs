//! What a runtime's own provider calls an identity. It gives no right and takes none: a report that names it is attributed, and a
//! question about it answered, as if the identity had been named.

use domain::binding::{BINDINGS_MAX, BindingProvider};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::identity::BindingForm;
use domain::id::BindingId;
use domain::identity::IdentityState;

use super::found::{Found, event, to_act_on};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::binding;
use crate::transact::Tx;

/// Says that a provider calls the identity by this principal, from now on. Once more changes nothing. A principal whose identity was
/// revoked goes over to the one named; one whose identity stands must be released first.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or not to be seen, [`Error::Forbidden`] without the right to roll back,
/// [`Error::Invalid`] for a principal that is none, [`Conflict::WrongState`] for an identity that was revoked, [`Conflict::Full`] for
/// one that has as many as are kept, [`Conflict::BoundElsewhere`] for a principal of another one that stands.
pub async fn bind(cp: &ControlPlane, ctx: &OpCtx, form: &BindingForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("identities::bind", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = to_act_on(tx, ctx, &form.client_id).await?;
        let (provider, principal) = form.parse()?;
        let identity = &found.identity;
        if identity.state == IdentityState::Revoked {
            return Err(Error::conflict(Conflict::WrongState));
        }
        if let Some(held) = store::bindings::open(&**tx, provider, &principal).await? {
            if held.identity_id == identity.id {
                return Ok(());
            }
            let holder = store::identities::get(&**tx, held.identity_id).await?;
            if holder.state != IdentityState::Revoked {
                return Err(Error::conflict(Conflict::BoundElsewhere));
            }
            store::bindings::release(tx, &held, ctx.now()).await?;
        }
        let known = store::bindings::of(&**tx, identity.id).await?;
        if known.iter().filter(|one| one.open_key.is_some()).count() >= BINDINGS_MAX {
            return Err(Error::conflict(Conflict::Full));
        }
        let row = binding::Model {
            id: BindingId(ids::new()),
            identity_id: identity.id,
            open_key: Some(store::bindings::open_key(provider, &principal)),
            provider,
            principal: principal.clone(),
            bound_by: ctx.actor().name().to_owned(),
            bound_at: ctx.now(),
            released_at: None,
        };
        store::bindings::insert(tx, row).await?;
        let event = about(AuditAction::IdentityBound, &found, provider, &principal);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Says that the provider calls the identity so no more. What was attributed before stays.
///
/// # Errors
/// As [`bind`]; [`Error::NotFound`] where it is not called so.
pub async fn unbind(cp: &ControlPlane, ctx: &OpCtx, form: &BindingForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("identities::unbind", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = to_act_on(tx, ctx, &form.client_id).await?;
        let (provider, principal) = form.parse()?;
        let held = store::bindings::open(&**tx, provider, &principal).await?;
        let held = held.filter(|one| one.identity_id == found.identity.id);
        let held = held.ok_or(Error::NotFound { kind: "binding" })?;
        store::bindings::release(tx, &held, ctx.now()).await?;
        let event = about(AuditAction::IdentityUnbound, &found, provider, &principal);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

fn about(action: AuditAction, found: &Found, provider: BindingProvider, principal: &str) -> Event {
    event(action, found)
        .with("provider", provider.as_str())
        .with("principal", principal)
}
