//! Beginning: the question to the provider, and what is kept until it is answered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::actor::Actor;
use domain::sign_in::{FLOW_SECONDS, ProviderProblem, Purpose};
use sha2::{Digest as _, Sha256};

use super::{Failure, hash, provider, random, redirect_uri};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::people;
use crate::ports::sign_in::Question;
use crate::store;
use crate::store::entity::provider_flow;
use crate::transact::Tx;

/// Most sign-ins under way from one network, and from all: whoever begins them without end stops nobody else.
const MOST_OF_NETWORK: u64 = 100;
const MOST: u64 = 20_000;

/// How old a sign-in may be for binding an account to it, minutes.
const LINK_WITHIN: u32 = 15;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Begin {
    pub provider: String,
    pub purpose: Purpose,
    /// Where to go afterwards, a path of this site.
    pub next: String,
}

/// What was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The provider's address, with the question.
    pub address: String,
    /// What the browser must show when it comes back.
    pub browser: String,
}

/// Puts the question. To confirm or to link needs a session.
///
/// # Errors
/// When there is no such provider, it does not answer, or too many sign-ins are under way.
pub async fn begin(cp: &ControlPlane, ctx: &OpCtx, wanted: &Begin) -> Result<Begun, Failure> {
    let provider = provider(cp, &wanted.provider)?;
    let user_id = match (wanted.purpose, ctx.actor()) {
        (Purpose::SignIn, _) => None,
        (Purpose::Confirm | Purpose::Link, Actor::User { id, .. }) => Some(*id),
        (Purpose::Confirm | Purpose::Link, _) => return Err(Error::Unauthenticated.into()),
    };
    if wanted.purpose == Purpose::Confirm && !provider.asks_anew {
        return Err(Failure::Provider(ProviderProblem::NotFresh));
    }
    if wanted.purpose == Purpose::Link {
        // An open browser must not be enough to let somebody else in for good.
        ctx.signed_in_within(LINK_WITHIN)?;
    }
    let (state, nonce, verifier, browser) = (random()?, random()?, random()?, random()?);
    let question = Question {
        state: state.clone(),
        nonce: nonce.clone(),
        challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
        redirect_uri: redirect_uri(cp, &provider.id),
        fresh: matches!(wanted.purpose, Purpose::Confirm),
    };
    let now = ctx.now();
    let row = provider_flow::Model {
        id: hash(&state),
        provider: provider.id.clone(),
        purpose: wanted.purpose,
        user_id,
        browser: hash(&browser),
        nonce,
        verifier,
        next: wanted.next.clone(),
        network: people::network(ctx.address()),
        begun_at: now,
        expires_at: now.timestamp() + FLOW_SECONDS,
    };
    let address = cp.ports().sign_in.address(&provider.id, &question).await?;
    keep(cp, ctx, row).await?;
    Ok(Begun { address, browser })
}

async fn keep(cp: &ControlPlane, ctx: &OpCtx, row: provider_flow::Model) -> Result<(), Error> {
    cp.transact("providers::begin", ctx, |tx: Tx| {
        let row = &row;
        async move {
            let tx = &tx;
            let now = row.begun_at.timestamp();
            let (here, all) = store::providers::under_way(&**tx, &row.network, now).await?;
            if here >= MOST_OF_NETWORK || all >= MOST {
                return Err(Error::TooMany);
            }
            store::providers::insert_flow(tx, row.clone()).await
        }
    })
    .await
}
