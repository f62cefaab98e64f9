//! A token that somebody presents: asked about (RFC 7662), ended (RFC 7009), or used on an endpoint of ours.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{Error, OpCtx, identities};
use serde::Deserialize;
use serde_json::json;

use super::client::{Assertion, granted};
use super::error::OAuthError;
use super::{AccessClaims, Fields, dpop};
use crate::http::error::HttpError;
use crate::http::session::{authorization, bearer, token_actor};
use crate::http::web::Web;

/// The agent that calls an endpoint of ours with its access token: as `Bearer`, or, where the token is bound to a key, as `DPoP`
/// with a proof for this call and this token (RFC 9449, 7). Whether its identity may act now, the caller asks.
///
/// # Errors
/// [`Error::Unauthenticated`] for every token and proof that does not count.
pub(crate) fn agent<'a>(
    web: &'a Web,
    ctx: &'a OpCtx,
    request: &'a Request,
) -> impl Future<Output = Result<AccessClaims, Error>> + Send + use<'a> {
    // A whole request cannot go from thread to thread by reference: its body may not.
    let call = (request.method(), request.uri().path());
    calling(web, ctx, call, request.headers())
}

async fn calling(
    web: &Web,
    ctx: &OpCtx,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
) -> Result<AccessClaims, Error> {
    let (scheme, text) = authorization(headers).ok_or(Error::Unauthenticated)?;
    let claims = claims(web, text).await?.ok_or(Error::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case(claims.kind()) {
        return Err(Error::Unauthenticated);
    }
    let Some(key) = claims.bound_to() else {
        return Ok(claims);
    };
    let call = dpop::Call {
        method,
        address: &format!("{}{path}", web.base_url()),
        token: Some(text),
        now: web.now(),
    };
    let proof = dpop::sent(headers).ok().flatten();
    let proof = proof.and_then(|text| dpop::verify(text, &call));
    let proof = proof.filter(|proof| proof.thumbprint == key);
    let proof = proof.ok_or(Error::Unauthenticated)?;
    if !identities::use_proof(web.cp(), ctx, &proof).await? {
        return Err(Error::Unauthenticated);
    }
    Ok(claims)
}

/// The claims of an access token that we signed, that lives, and that was not revoked.
async fn claims(web: &Web, text: &str) -> Result<Option<AccessClaims>, Error> {
    let ring = web.tokens().ring(web.cp()).await?;
    let Some(claims) = ring.verify(text, web.base_url(), web.cp().clock().now()) else {
        return Ok(None);
    };
    let revoked = identities::is_token_revoked(web.cp(), &claims.jti).await?;
    Ok((!revoked).then_some(claims))
}

/// A call about one token. A hint of its kind would tell us nothing: there is one kind.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Presented {
    token: String,
    #[serde(flatten)]
    client: Assertion,
}

/// `POST /oauth/introspect`: is this token good now? Asked by whoever an agent calls, with an API token or with a client
/// assertion of its own.
pub(crate) async fn introspect(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    headers: HeaderMap,
    Fields(form): Fields<Presented>,
) -> Result<Response, OAuthError> {
    if bearer(&headers).is_some() {
        token_actor(&web, &headers).await.map_err(refusal)?;
    } else {
        granted(&web, &ctx, &form.client).await?;
    }
    let answer = match claims(&web, &form.token).await? {
        Some(claims)
            if identities::active(web.cp(), &claims.client_id)
                .await?
                .is_some() =>
        {
            claims.introspection()
        }
        Some(_) | None => json!({ "active": false }),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

fn refusal(error: HttpError) -> OAuthError {
    if error.status().is_server_error() {
        OAuthError::Unavailable
    } else {
        OAuthError::InvalidClient
    }
}

/// `POST /oauth/revoke`: an agent ends a token of its own. One that is none, or is over, is no error (RFC 7009, 2.2).
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Fields(form): Fields<Presented>,
) -> Result<Response, OAuthError> {
    let grant = granted(&web, &ctx, &form.client).await?;
    if form.token.is_empty() {
        return Err(OAuthError::InvalidRequest);
    }
    if let Some(claims) = claims(&web, &form.token).await? {
        if claims.client_id != grant.client_id {
            return Err(OAuthError::UnauthorizedClient);
        }
        identities::revoke_token(web.cp(), &ctx, &grant, &claims.jti, claims.exp).await?;
    }
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}
