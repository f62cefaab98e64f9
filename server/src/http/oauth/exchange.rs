//! Token exchange (RFC 8693): an agent that acts for a person. It proves itself by its key and the person by a token of a
//! sign-in provider, and gets a token that names both: the person as the subject, the agent as the actor.

use axum::http::HeaderMap;
use axum::response::Response;
use control_plane::OpCtx;
use control_plane::identities::{self, ExchangeError};
use domain::identity::TOKEN_SECONDS;
use serde::Deserialize;

use super::AccessClaims;
use super::client::{Assertion, granted};
use super::error::OAuthError;
use super::token::{answer, bind, narrowed};
use crate::http::web::Web;

/// The grant's name.
pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// What a person's token may be called: each is a signed one, and is checked alike.
const SUBJECT_TYPES: [&str; 3] = [
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:jwt",
    ACCESS_TOKEN,
];

/// What is said of the person, and of the token that is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ExchangeRequest {
    pub(super) subject_token: String,
    subject_token_type: String,
    /// The actor is whoever proves itself as the client; nobody else may be named.
    actor_token: Option<String>,
    requested_token_type: Option<String>,
    audience: Option<String>,
    resource: Option<String>,
}

impl ExchangeRequest {
    /// Is it a kind of exchange that is made here, for nobody else?
    pub(super) fn check(&self, issuer: &str) -> Result<(), OAuthError> {
        let other_kind = self
            .requested_token_type
            .as_ref()
            .is_some_and(|kind| kind != ACCESS_TOKEN);
        let other_actor = self.actor_token.is_some();
        let known = SUBJECT_TYPES.contains(&self.subject_token_type.as_str());
        if other_kind || other_actor || !known || self.subject_token.is_empty() {
            return Err(OAuthError::InvalidRequest);
        }
        // Tokens are for whoever trusts this issuer; there is no other audience to choose.
        let elsewhere = [&self.audience, &self.resource].into_iter().flatten();
        if elsewhere.into_iter().any(|target| target != issuer) {
            return Err(OAuthError::InvalidTarget);
        }
        Ok(())
    }
}

/// Gives an agent a token for acting for a person.
pub(super) async fn exchange(
    web: &Web,
    ctx: &OpCtx,
    client: &Assertion,
    (asked, scope): (&ExchangeRequest, &str),
    headers: &HeaderMap,
) -> Result<Response, OAuthError> {
    asked.check(web.base_url())?;
    let grant = granted(web, ctx, client).await?;
    let scopes = narrowed(&grant, scope)?;
    let mut claims = AccessClaims::new(web.base_url(), &grant, &scopes, web.now())
        .ok_or(OAuthError::Unavailable)?;
    let person = identities::exchange(
        web.cp(),
        ctx,
        &grant,
        &asked.subject_token,
        &scopes,
        claims.id(),
    )
    .await
    .map_err(|error| match error {
        ExchangeError::NotAllowed => OAuthError::UnauthorizedClient,
        ExchangeError::Untrusted => OAuthError::InvalidRequest,
        ExchangeError::Unavailable => OAuthError::Unavailable,
        ExchangeError::Ours(error) => error.into(),
    })?;
    bind(web, ctx, &grant, headers, &mut claims).await?;
    let lives = (person.expires_at.timestamp() - web.now()).min(TOKEN_SECONDS);
    claims.act_for(&person, lives);
    answer(web, &claims, lives, Some(ACCESS_TOKEN)).await
}
