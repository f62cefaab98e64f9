//! The kill switch: an identity is ended by a person, whatever its deployment does.

use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::identity::IdentityForm;
use domain::identity::{IdentityEvent, IdentityState, REVOKED_BY_PERSON};
use domain::ledger::ResourceKind;

use super::found::{event, to_act_on};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::deployments::end::request_teardown;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Revokes an identity for good. From the commit on it gets no token, introspection calls every token of it inactive, and
/// access decisions deny it; its principal and key at the provider are removed by the clean-up worker, as often as it takes.
/// What is live stays live and runs without an identity; only another deployment gets a new one.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or not to be seen, [`Error::Forbidden`] without the right to roll back,
/// [`Conflict::WrongState`] for one that is revoked already or not made yet.
pub async fn revoke(cp: &ControlPlane, ctx: &OpCtx, form: &IdentityForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("identities::revoke", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = to_act_on(tx, ctx, &form.client_id).await?;
        let (identity, reason) = (&found.identity, form.reason()?);
        if !matches!(
            identity.state,
            IdentityState::Active | IdentityState::Suspended
        ) {
            return Err(Error::conflict(Conflict::WrongState));
        }
        store::identities::transition(tx, identity, IdentityEvent::Revoked, ctx.now()).await?;
        request_teardown(tx, ctx, &found.deployment, &[ResourceKind::Identity]).await?;
        let event = event(AuditAction::IdentityRevoked, &found)
            .with("cause", REVOKED_BY_PERSON)
            .reason(&reason);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}
