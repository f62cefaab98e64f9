//! Coming back: what was asked is taken once, the answer is checked, and what follows is written down in one transaction.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::actor::Actor;
use domain::event::AuditAction;
use domain::id::UserId;
use domain::passkey::{PasskeyProblem, PasskeyPurpose};
use secrecy::{ExposeSecret as _, SecretString};
use webauthn_rs::prelude::{AuthenticationResult, Passkey};

use super::begin::is_full;
use super::relying_party::RelyingParty;
use super::{Failure, hash};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::people;
use crate::store;
use crate::store::entity::{passkey, passkey_ceremony};
use crate::transact::Tx;

/// What the browser brought back.
#[derive(Debug, Clone)]
pub struct Answered {
    /// What it was given when it began.
    pub browser: SecretString,
    /// The authenticator's answer, as JSON.
    pub answer: String,
}

/// Who it is, and where to go on.
#[derive(Debug, Clone)]
pub struct Finished {
    pub user: UserId,
    pub purpose: PasskeyPurpose,
    pub next: String,
}

/// What holds, and is to be written down.
enum Held {
    Used(AuthenticationResult),
    Made(Box<Passkey>),
}

/// Finishes what was begun. It is gone afterwards, whatever comes out. Wrong answers count as attempts to sign in.
///
/// # Errors
/// [`Failure`]: what does not hold. Each is in the audit log.
pub async fn finish(
    cp: &ControlPlane,
    ctx: &OpCtx,
    answered: &Answered,
) -> Result<Finished, Failure> {
    let begun = take(cp, ctx, answered.browser.expose_secret()).await?;
    let begun = begun.ok_or(PasskeyProblem::Expired)?;
    let outcome = go_on(cp, ctx, &begun, &answered.answer).await;
    if let Err(Failure::Passkey(problem)) = &outcome {
        refuse(cp, ctx, &begun, *problem).await?;
    }
    outcome.map(|()| Finished {
        user: begun.user_id,
        purpose: begun.purpose,
        next: begun.next,
    })
}

/// Takes what was begun. Once it is taken, nobody answers it again.
async fn take(
    cp: &ControlPlane,
    ctx: &OpCtx,
    browser: &str,
) -> Result<Option<passkey_ceremony::Model>, Error> {
    let id = hash(browser);
    let begun = cp
        .transact("passkeys::take", ctx, |tx: Tx| {
            let id = &id;
            async move { store::passkeys::take_ceremony(&tx, id).await }
        })
        .await?;
    let now = ctx.now().timestamp();
    Ok(begun.filter(|begun| begun.expires_at > now))
}

async fn go_on(
    cp: &ControlPlane,
    ctx: &OpCtx,
    begun: &passkey_ceremony::Model,
    answer: &str,
) -> Result<(), Failure> {
    // What was asked in a session is not answered in another that took over the browser meanwhile.
    if !begun.purpose.opens() {
        let here = ctx.session().map(|session| session.handle);
        if begun.session.is_none()
            || begun.session != here
            || ctx.actor().user() != Some(begun.user_id)
        {
            return Err(PasskeyProblem::Expired.into());
        }
    }
    let actor = people::actor(cp, begun.user_id).await?;
    let actor = actor.ok_or(PasskeyProblem::Expired)?;
    let Actor::User { email, .. } = &actor else {
        return Err(PasskeyProblem::Expired.into());
    };
    if !cp.attempts().allow(email, ctx.now()) {
        return Err(Error::TooMany.into());
    }
    let party = RelyingParty::of(cp).ok_or(PasskeyProblem::Unusable)?;
    let held = if begun.purpose.makes() {
        Held::Made(Box::new(party.made(&begun.state, answer)?))
    } else {
        Held::Used(party.used(&begun.state, answer, begun.user_id)?)
    };
    let signed = ctx.acting_as(actor.clone());
    settle(cp, &signed, begun, &held).await?;
    cp.attempts().clear(email);
    Ok(())
}

/// Writes down what follows.
async fn settle(
    cp: &ControlPlane,
    signed: &OpCtx,
    begun: &passkey_ceremony::Model,
    held: &Held,
) -> Result<(), Failure> {
    let past_providers = people::is_past_providers(cp);
    let settled = cp
        .transact("passkeys::finish", signed, |tx: Tx| async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so what is counted stays true.
            store::audit::lock_size(tx).await?;
            let name = match held {
                Held::Used(used) => note_use(tx, signed, begun, used).await?,
                Held::Made(made) => keep(tx, signed, begun, made).await?,
            };
            let name = match name {
                Ok(name) => name,
                Err(problem) => return Ok(Err(problem)),
            };
            match begun.purpose {
                PasskeyPurpose::SignIn | PasskeyPurpose::FirstEnrol => {
                    let entry = people::Entry {
                        user: begun.user_id,
                        attempt: begun.attempt,
                        passkey: Some(name),
                        past_providers,
                    };
                    people::entered(tx, signed, &entry).await?;
                }
                PasskeyPurpose::Confirm => {
                    let event = event(AuditAction::SignInConfirmed, begun.user_id);
                    audit::append(tx, signed, event.with("passkey", name)).await?;
                }
                PasskeyPurpose::Enrol => {}
            }
            Ok(Ok(()))
        })
        .await?;
    settled.map_err(Failure::Passkey)
}

type Named = Result<String, PasskeyProblem>;

/// Notes the use of a passkey that is still there. Its counter is compared with what is kept now, not with what was kept
/// when the question was put.
async fn note_use(
    tx: &Tx,
    signed: &OpCtx,
    begun: &passkey_ceremony::Model,
    used: &AuthenticationResult,
) -> Result<Named, Error> {
    let credential = URL_SAFE_NO_PAD.encode(used.cred_id());
    let row = store::passkeys::by_credential(&**tx, &credential).await?;
    let Some(row) = row.filter(|row| row.user_id == begun.user_id) else {
        return Ok(Err(PasskeyProblem::Refused));
    };
    let counter = i64::from(used.counter());
    if (counter > 0 || row.counter > 0) && counter <= row.counter {
        return Ok(Err(PasskeyProblem::Counter));
    }
    let failed = |e| Error::internal("passkeys::note_use", e);
    let mut key: Passkey = serde_json::from_str(&row.data).map_err(failed)?;
    key.update_credential(used);
    let data = serde_json::to_string(&key).map_err(failed)?;
    store::passkeys::used(tx, &row, &data, counter, signed.now()).await?;
    Ok(Ok(row.name))
}

/// Keeps a passkey that was made.
async fn keep(
    tx: &Tx,
    signed: &OpCtx,
    begun: &passkey_ceremony::Model,
    made: &Passkey,
) -> Result<Named, Error> {
    let count = store::passkeys::count(&**tx, begun.user_id).await?;
    if is_full(count) {
        return Ok(Err(PasskeyProblem::Refused));
    }
    // A password alone makes the first one and no further one.
    if begun.purpose == PasskeyPurpose::FirstEnrol && count > 0 {
        return Ok(Err(PasskeyProblem::Expired));
    }
    let row = passkey::Model {
        id: ids::new(),
        user_id: begun.user_id,
        credential: URL_SAFE_NO_PAD.encode(made.cred_id()),
        name: begun.name.clone(),
        data: serde_json::to_string(made).map_err(|e| Error::internal("passkeys::keep", e))?,
        counter: 0,
        made_at: signed.now(),
        last_used_at: None,
    };
    if !store::passkeys::insert(tx, row).await? {
        return Ok(Err(PasskeyProblem::Known));
    }
    let event = event(AuditAction::PasskeyAdded, begun.user_id).with("passkey", &begun.name);
    audit::append(tx, signed, event).await?;
    Ok(Ok(begun.name.clone()))
}

fn event(action: AuditAction, user: UserId) -> Event {
    Event::new(action, "user", user.to_string())
}

async fn refuse(
    cp: &ControlPlane,
    ctx: &OpCtx,
    begun: &passkey_ceremony::Model,
    problem: PasskeyProblem,
) -> Result<(), Error> {
    let event = event(AuditAction::SignInRefused, begun.user_id)
        .refused()
        .reason(problem.as_str());
    cp.transact("passkeys::refuse", ctx, |tx: Tx| {
        let event = &event;
        async move { audit::append(&tx, ctx, event.clone()).await.map(|_| ()) }
    })
    .await
}
