//! Signing in and out.

use domain::event::AuditAction;
use domain::form::person::SignInForm;
use domain::id::UserId;

use super::{actor, networks, password};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Checks an address and a password. The same answer and the same work for a wrong password and an unknown address.
///
/// # Errors
/// [`Error::TooMany`] after many attempts, [`Error::WrongCredentials`] otherwise.
pub async fn sign_in(cp: &ControlPlane, ctx: &OpCtx, form: &SignInForm) -> Result<UserId, Error> {
    let email = domain::text::cut(form.email.trim(), 200).to_lowercase();
    // The network comes first: one that is stopped must not use up the attempts of somebody's account. Neither question
    // looks at the account, so neither tells whether there is one.
    let attempt = networks::admit(cp, ctx).await?;
    if !cp.attempts().allow(&email, ctx.now()) {
        return Err(Error::TooMany);
    }
    let row = store::people::by_email(cp.reader(), &email).await?;
    let hash = row.as_ref().map(|r| r.password_hash.clone());
    let right = password::verify(form.password.clone(), hash).await?;
    let Some(person) = row.filter(|_| right) else {
        refuse(cp, ctx, &email).await?;
        return Err(Error::WrongCredentials);
    };
    let actor = actor(cp, person.id).await?.ok_or(Error::WrongCredentials)?;
    let signed = ctx.acting_as(actor);
    // Where people come through providers, a password is the way in for when these are down, and everybody hears of it.
    let past_providers = !crate::providers::list(cp).is_empty();
    if past_providers {
        tracing::warn!(person = %person.id, "a password was used although sign-in providers are configured");
    }
    let event = |action| Event::new(action, "user", person.id.to_string());
    cp.transact("people::sign_in", &signed, |tx: Tx| {
        let (signed, event) = (&signed, &event);
        async move {
            let tx = &tx;
            store::sign_ins::remove(tx, attempt).await?;
            if past_providers {
                audit::append(tx, signed, event(AuditAction::PasswordUsed)).await?;
            }
            audit::append(tx, signed, event(AuditAction::SignedIn))
                .await
                .map(|_| ())
        }
    })
    .await?;
    cp.attempts().clear(&email);
    Ok(person.id)
}

pub(super) async fn refuse(cp: &ControlPlane, ctx: &OpCtx, email: &str) -> Result<(), Error> {
    let event = Event::new(AuditAction::SignInRefused, "user", email)
        .refused()
        .reason("wrong_credentials");
    cp.transact("people::sign_in", ctx, |tx: Tx| {
        let event = &event;
        async move {
            let tx = &tx;
            audit::append(tx, ctx, event.clone()).await.map(|_| ())
        }
    })
    .await
}

/// Notes that a person signed out.
///
/// # Errors
/// When the database does not take it.
pub async fn sign_out(cp: &ControlPlane, ctx: &OpCtx) -> Result<(), Error> {
    let Some(id) = ctx.actor().user() else {
        return Ok(());
    };
    let event = Event::new(AuditAction::SignedOut, "user", id.to_string());
    cp.transact("people::sign_out", ctx, |tx: Tx| {
        let event = &event;
        async move {
            let tx = &tx;
            audit::append(tx, ctx, event.clone()).await.map(|_| ())
        }
    })
    .await
}
