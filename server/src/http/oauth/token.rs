//! `POST /oauth/token`: client credentials (RFC 6749, 4.4), and token exchange.

use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::identities::{self, ACT_FOR_PEOPLE, Grant};
use control_plane::{OpCtx, access};
use domain::identity::TOKEN_SECONDS;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Assertion, granted};
use super::error::OAuthError;
use super::exchange::{ExchangeRequest, TOKEN_EXCHANGE, exchange};
use super::federate::federate;
use super::{AccessClaims, Fields, dpop};
use crate::http::web::Web;

const CLIENT_CREDENTIALS: &str = "client_credentials";
/// Every way to a token.
pub(super) const GRANT_TYPES: [&str; 2] = [CLIENT_CREDENTIALS, TOKEN_EXCHANGE];

/// A call of the token endpoint.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TokenRequest {
    grant_type: String,
    scope: String,
    #[serde(flatten)]
    client: Assertion,
    #[serde(flatten)]
    exchange: ExchangeRequest,
}

/// Gives an agent a token, by its key; and a service account one, by a token of its CI.
pub(crate) async fn token(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    headers: HeaderMap,
    Fields(form): Fields<TokenRequest>,
) -> Result<Response, OAuthError> {
    match form.grant_type.as_str() {
        CLIENT_CREDENTIALS => {}
        TOKEN_EXCHANGE if form.client.is_absent() => {
            return federate(&web, &ctx, &form.client, &form.exchange, &form.scope).await;
        }
        TOKEN_EXCHANGE => {
            let asked = (&form.exchange, form.scope.as_str());
            return exchange(&web, &ctx, &form.client, asked, &headers).await;
        }
        _ => return Err(OAuthError::UnsupportedGrantType),
    }
    let grant = granted(&web, &ctx, &form.client).await?;
    let scopes = narrowed(&grant, &form.scope)?;
    let mut claims = AccessClaims::new(web.base_url(), &grant, &scopes, web.now())
        .ok_or(OAuthError::Unavailable)?;
    bind(&web, &ctx, &grant, &headers, &mut claims).await?;
    answer(&web, &claims, TOKEN_SECONDS, None).await
}

/// Scopes are those that were approved; asking for fewer gives fewer, asking for others gives nothing.
pub(super) fn narrowed(grant: &Grant, asked: &str) -> Result<Vec<String>, OAuthError> {
    let asked: Vec<String> = asked.split_whitespace().map(str::to_owned).collect();
    if asked.iter().any(|scope| !grant.scopes.contains(scope)) {
        return Err(OAuthError::InvalidScope);
    }
    let mut scopes = if asked.is_empty() {
        grant.scopes.clone()
    } else {
        asked
    };
    // It is for us alone, and for no resource.
    scopes.retain(|scope| scope != ACT_FOR_PEOPLE);
    Ok(scopes)
}

/// Binds the token to the key that the call proves, where it proves one. A policy may demand it.
pub(super) async fn bind(
    web: &Web,
    ctx: &OpCtx,
    grant: &Grant,
    headers: &HeaderMap,
    claims: &mut AccessClaims,
) -> Result<(), OAuthError> {
    let Some(text) = dpop::sent(headers).map_err(|()| OAuthError::InvalidDpopProof)? else {
        let demanded = access::must_bind(web.cp(), grant.environment).await?;
        return if demanded {
            Err(OAuthError::InvalidDpopProof)
        } else {
            Ok(())
        };
    };
    let call = dpop::Call {
        method: &Method::POST,
        address: &format!("{}/oauth/token", web.base_url()),
        token: None,
        now: web.now(),
    };
    let proof = dpop::verify(text, &call).ok_or(OAuthError::InvalidDpopProof)?;
    if !identities::use_proof(web.cp(), ctx, &proof).await? {
        return Err(OAuthError::InvalidDpopProof);
    }
    claims.bind(proof.thumbprint);
    Ok(())
}

/// The signed token, as the answer to whoever asked.
pub(super) async fn answer(
    web: &Web,
    claims: &AccessClaims,
    lives: i64,
    kind: Option<&str>,
) -> Result<Response, OAuthError> {
    let ring = web.tokens().ring(web.cp()).await?;
    let text = ring
        .sign(claims, web.cp().clock().now())
        .ok_or(OAuthError::Unavailable)?;
    let mut answer = json!({ "access_token": text, "token_type": claims.kind(), "expires_in": lives, "scope": claims.scope });
    if let (Some(kind), Value::Object(fields)) = (kind, &mut answer) {
        fields.insert("issued_token_type".to_owned(), json!(kind));
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}
