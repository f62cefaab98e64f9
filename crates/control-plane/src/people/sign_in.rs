//! Signing in and out.

use domain::event::AuditAction;
use domain::form::person::SignInForm;
use domain::id::UserId;
use uuid::Uuid;

use super::{actor, networks, password};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::user;
use crate::transact::Tx;

/// Somebody whose password was right.
#[derive(Debug, Clone)]
pub(crate) struct Proven {
    pub(crate) user: UserId,
    email: String,
    /// The attempt: it counts as failed until they are in.
    pub(crate) attempt: Uuid,
}

/// Somebody who comes in by a password.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) user: UserId,
    pub(crate) attempt: Option<Uuid>,
    /// The passkey that they used beside it.
    pub(crate) passkey: Option<String>,
    pub(crate) past_providers: bool,
}

/// Signs somebody in by their password alone: at the server's own host, where whoever acts holds the database anyway. The way
/// in over the network is [`crate::passkeys::sign_in`].
///
/// # Errors
/// [`Error::TooMany`] after many attempts, [`Error::WrongCredentials`] otherwise.
pub async fn sign_in(cp: &ControlPlane, ctx: &OpCtx, form: &SignInForm) -> Result<UserId, Error> {
    let proven = prove(cp, ctx, form).await?;
    enter(cp, ctx, &proven).await?;
    Ok(proven.user)
}

/// Checks an address and a password. The same answer and the same work for a wrong password and an unknown address.
pub(crate) async fn prove(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &SignInForm,
) -> Result<Proven, Error> {
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
    // Whoever left is refused in the same words: an address tells a stranger nothing.
    let is_here = |row: &user::Model| right && row.deactivated_at.is_none();
    let Some(person) = row.filter(is_here) else {
        refuse(cp, ctx, &email).await?;
        return Err(Error::WrongCredentials);
    };
    Ok(Proven {
        user: person.id,
        email,
        attempt,
    })
}

/// Notes that somebody is in.
pub(crate) async fn enter(cp: &ControlPlane, ctx: &OpCtx, proven: &Proven) -> Result<(), Error> {
    let person = actor(cp, proven.user).await?;
    let signed = ctx.acting_as(person.ok_or(Error::WrongCredentials)?);
    let entry = Entry {
        user: proven.user,
        attempt: Some(proven.attempt),
        passkey: None,
        past_providers: is_past_providers(cp),
    };
    cp.transact("people::sign_in", &signed, |tx: Tx| {
        let (signed, entry) = (&signed, &entry);
        async move { entered(&tx, signed, entry).await }
    })
    .await?;
    cp.attempts().clear(&proven.email);
    Ok(())
}

/// Where people come through providers, a password is the way in for when these are down, and everybody hears of it.
pub(crate) fn is_past_providers(cp: &ControlPlane) -> bool {
    !crate::providers::list(cp).is_empty()
}

/// The events of coming in; the attempt counts as failed no more.
pub(crate) async fn entered(tx: &Tx, signed: &OpCtx, entry: &Entry) -> Result<(), Error> {
    let event = |action| Event::new(action, "user", entry.user.to_string());
    if let Some(attempt) = entry.attempt {
        store::sign_ins::remove(tx, attempt).await?;
    }
    if entry.past_providers {
        tracing::warn!(person = %entry.user, "a password was used although sign-in providers are configured");
        audit::append(tx, signed, event(AuditAction::PasswordUsed)).await?;
    }
    let mut signed_in = event(AuditAction::SignedIn);
    if let Some(passkey) = &entry.passkey {
        signed_in = signed_in.with("passkey", passkey);
    }
    audit::append(tx, signed, signed_in).await.map(|_| ())
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
