//! Confirming a password inside a session: a decision needs a recent one.

use domain::actor::Actor;
use domain::event::AuditAction;

use super::password;
use super::sign_in::refuse;
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Checks the password of the person behind a session. It counts as an attempt to sign in, so an open browser is no way
/// to guess one.
///
/// # Errors
/// [`Error::Unauthenticated`] without a session, [`Error::TooMany`] after many attempts, [`Error::WrongCredentials`].
pub async fn confirm(cp: &ControlPlane, ctx: &OpCtx, password: &str) -> Result<(), Error> {
    let Actor::User { id, email, .. } = ctx.actor() else {
        return Err(Error::Unauthenticated);
    };
    if !cp.attempts().allow(email, ctx.now()) {
        return Err(Error::TooMany);
    }
    let row = store::people::get(cp.reader(), *id).await?;
    let hash = row.map(|row| row.password_hash);
    if !password::verify(password.to_owned(), hash).await? {
        refuse(cp, ctx, email).await?;
        return Err(Error::WrongCredentials);
    }
    let event = Event::new(AuditAction::SignInConfirmed, "user", id.to_string());
    cp.transact("people::confirm", ctx, |tx: Tx| {
        let event = &event;
        async move { audit::append(&tx, ctx, event.clone()).await.map(|_| ()) }
    })
    .await?;
    cp.attempts().clear(email);
    Ok(())
}
