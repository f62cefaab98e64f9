//! Coming back: what was begun is taken once, the code is traded, and then it is known who it is.

use domain::event::AuditAction;
use domain::id::UserId;
use domain::sign_in::{Provider, ProviderProblem, Purpose, is_fresh};
use secrecy::SecretString;

use super::whose::{self, Known};
use super::{Failure, Through, hash, provider, redirect_uri};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::directories;
use crate::error::Error;
use crate::people;
use crate::ports::sign_in::{Answer, Proven};
use crate::store;
use crate::store::entity::provider_flow;
use crate::transact::Tx;

/// What the browser brought back.
#[derive(Debug, Clone)]
pub struct Callback {
    pub provider: String,
    pub state: String,
    pub code: Option<String>,
    pub issuer: Option<String>,
    /// What the browser was given when it began.
    pub browser: String,
}

/// Who it is, and where to go on.
#[derive(Debug, Clone)]
pub struct Finished {
    pub user: UserId,
    pub purpose: Purpose,
    pub next: String,
    pub through: Through,
}

/// Finishes a sign-in. What was begun is gone afterwards, whatever comes out.
///
/// # Errors
/// [`Failure`]: what does not hold, or whom nobody knows. Each is in the audit log.
pub async fn finish(
    cp: &ControlPlane,
    ctx: &OpCtx,
    callback: &Callback,
) -> Result<Finished, Failure> {
    let provider = provider(cp, &callback.provider)?;
    let outcome = go_on(cp, ctx, &provider, callback).await;
    if let Err(Failure::Provider(problem)) = &outcome {
        refuse(cp, ctx, &provider, *problem).await?;
    }
    outcome
}

async fn go_on(
    cp: &ControlPlane,
    ctx: &OpCtx,
    provider: &Provider,
    callback: &Callback,
) -> Result<Finished, Failure> {
    let flow = take(cp, ctx, callback)
        .await?
        .ok_or(Failure::Provider(ProviderProblem::Expired))?;
    // A question to one person is not answered for another who took over the browser meanwhile.
    if flow.user_id.is_some() && flow.user_id != ctx.actor().user() {
        return Err(Failure::Provider(ProviderProblem::Expired));
    }
    let code = callback.code.clone().filter(|code| !code.is_empty());
    let code = code.ok_or(Failure::Provider(ProviderProblem::Refused))?;
    let answer = Answer {
        code: SecretString::from(code),
        issuer: callback.issuer.clone(),
        nonce: flow.nonce.clone(),
        verifier: SecretString::from(flow.verifier.clone()),
        redirect_uri: redirect_uri(cp, &provider.id),
        now: ctx.now(),
    };
    let proven = cp.ports().sign_in.redeem(&provider.id, &answer).await?;
    let user = settle(cp, ctx, provider, &flow, &proven).await?;
    Ok(Finished {
        user,
        purpose: flow.purpose,
        next: flow.next,
        through: Through {
            provider: provider.id.clone(),
            issuer: proven.issuer,
            subject: proven.subject,
            session: proven.session,
            id_token: proven.id_token,
        },
    })
}

/// Takes what was begun, if this browser began it with this provider a short while ago.
async fn take(
    cp: &ControlPlane,
    ctx: &OpCtx,
    callback: &Callback,
) -> Result<Option<provider_flow::Model>, Error> {
    let id = hash(&callback.state);
    let flow = cp
        .transact("providers::take", ctx, |tx: Tx| {
            let id = &id;
            async move {
                let tx = &tx;
                store::providers::take_flow(tx, id).await
            }
        })
        .await?;
    // Hashes are compared, so how long it takes tells nothing about what is expected.
    let browser = hash(&callback.browser);
    let now = ctx.now().timestamp();
    Ok(flow.filter(|flow| {
        flow.browser == browser && flow.provider == callback.provider && flow.expires_at > now
    }))
}

/// Works out whose account it is and writes down what follows, in one transaction.
async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    provider: &Provider,
    flow: &provider_flow::Model,
    proven: &Proven,
) -> Result<UserId, Failure> {
    let by = ctx.acting_as(super::actor(provider));
    let by = &by;
    let settled = cp
        .transact("providers::finish", ctx, |tx: Tx| async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so two first sign-ins make one person.
            store::audit::lock_size(tx).await?;
            let known = match flow.purpose {
                Purpose::SignIn => whose::find_or_add(tx, by, provider, proven).await?,
                Purpose::Confirm => whose::same(tx, flow, proven).await?,
                Purpose::Link => whose::link(tx, ctx, provider, flow, proven).await?,
            };
            let known = match known {
                Ok(known) => known,
                Err(problem) => return Ok(Err(problem)),
            };
            if flow.purpose == Purpose::Confirm && !is_fresh(flow.begun_at, proven.proven_at) {
                return Ok(Err(ProviderProblem::NotFresh));
            }
            let directory_id = proven.directory_id.as_deref();
            store::providers::used(tx, known.account, directory_id, ctx.now()).await?;
            directories::renew_at_sign_in(tx, by, provider, known.user, &proven.groups).await?;
            Ok(Ok(known))
        })
        .await?;
    let Known { user, .. } = settled.map_err(Failure::Provider)?;
    note(cp, ctx, provider, flow.purpose, user).await?;
    Ok(user)
}

/// Writes into the log that somebody signed in, as that person.
async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    provider: &Provider,
    purpose: Purpose,
    user: UserId,
) -> Result<(), Error> {
    let action = match purpose {
        Purpose::SignIn => AuditAction::SignedIn,
        Purpose::Confirm => AuditAction::SignInConfirmed,
        // Linking wrote its own line.
        Purpose::Link => return Ok(()),
    };
    let actor = people::actor(cp, user).await?;
    let signed = ctx.acting_as(actor.ok_or(Error::WrongCredentials)?);
    let event = Event::new(action, "user", user.to_string()).with("provider", &provider.id);
    cp.transact("providers::note", &signed, |tx: Tx| {
        let (signed, event) = (&signed, &event);
        async move { audit::append(&tx, signed, event.clone()).await.map(|_| ()) }
    })
    .await
}

async fn refuse(
    cp: &ControlPlane,
    ctx: &OpCtx,
    provider: &Provider,
    problem: ProviderProblem,
) -> Result<(), Error> {
    let event = Event::new(AuditAction::SignInRefused, "provider", provider.id.as_str())
        .refused()
        .reason(problem.as_str());
    cp.transact("providers::refuse", ctx, |tx: Tx| {
        let event = &event;
        async move { audit::append(&tx, ctx, event.clone()).await.map(|_| ()) }
    })
    .await
}
