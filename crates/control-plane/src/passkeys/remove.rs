//! Taking passkeys away: one of one's own, all of somebody who lost them, and the same at the server's own host.

use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::passkey::{RemovePasskeyForm, ResetPasskeysForm};
use domain::id::UserId;
use domain::passkey::FRESH_MINUTES;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Takes one of the person's own passkeys away. The last one stays where nobody comes in without.
///
/// # Errors
/// When there is no such one, the sign-in is too old, or it is the last one that is needed.
pub async fn remove(cp: &ControlPlane, ctx: &OpCtx, form: &RemovePasskeyForm) -> Result<(), Error> {
    let user = ctx.actor().user().ok_or(Error::Unauthenticated)?;
    if ctx.session().is_none() {
        return Err(Error::Unauthenticated);
    }
    let id = form.parse()?;
    ctx.signed_in_within(FRESH_MINUTES)?;
    let required = cp.settings().require_passkey;
    cp.transact("passkeys::remove", ctx, |tx: Tx| async move {
        let tx = &tx;
        // The log lets one transaction at a time go on from here, so two clicks do not take the last two.
        store::audit::lock_size(tx).await?;
        let missing = Error::NotFound { kind: "passkey" };
        let name = store::passkeys::remove(tx, user, id)
            .await?
            .ok_or(missing)?;
        if required && store::passkeys::count(&**tx, user).await? == 0 {
            return Err(Error::conflict(Conflict::LastPasskey));
        }
        let event = removed(user).with("passkey", name);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Takes every passkey of somebody else away, who lost them. They sign in with their password, and make a new one.
///
/// # Errors
/// When the actor may not administer, the sign-in is too old, it is themselves, or that person has none.
pub async fn reset(cp: &ControlPlane, ctx: &OpCtx, form: &ResetPasskeysForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("passkeys::reset", ctx, may).await?;
    let (user, reason) = form.parse()?;
    ctx.signed_in_within(FRESH_MINUTES)?;
    if ctx.actor().user() == Some(user) {
        return Err(Error::conflict(Conflict::OwnPasskeys));
    }
    take_all(cp, ctx, user, &reason).await.map(|_| ())
}

/// The same for whoever sits at the server's own host and holds its database: the way back in when no administrator has one.
/// Answers how many there were.
///
/// # Errors
/// When nobody has this address, or they have none.
pub async fn remove_at_host(
    cp: &ControlPlane,
    ctx: &OpCtx,
    email: &str,
    reason: &str,
) -> Result<u64, Error> {
    let Actor::System { .. } = ctx.actor() else {
        return Err(Error::Unauthenticated);
    };
    let email = email.trim().to_lowercase();
    let person = store::people::by_email(cp.reader(), &email).await?;
    let person = person.ok_or(Error::NotFound { kind: "person" })?;
    take_all(cp, ctx, person.id, reason).await
}

async fn take_all(
    cp: &ControlPlane,
    ctx: &OpCtx,
    user: UserId,
    reason: &str,
) -> Result<u64, Error> {
    cp.transact("passkeys::take_all", ctx, |tx: Tx| async move {
        let tx = &tx;
        let count = store::passkeys::remove_all(tx, user).await?;
        if count == 0 {
            return Err(Error::NotFound { kind: "passkey" });
        }
        let event = removed(user).with("count", count).reason(reason);
        audit::append(tx, ctx, event).await?;
        Ok(count)
    })
    .await
}

fn removed(user: UserId) -> Event {
    Event::new(AuditAction::PasskeyRemoved, "user", user.to_string())
}
