//! The agents' token endpoint: OAuth 2.0 client credentials with `private_key_jwt` (RFC 7523) and introspection
//! (RFC 7662). An agent proves itself with its own key; whether it is entitled, the control plane decides at every call.

mod assertion;
mod keys;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form, Json};
use control_plane::OpCtx;
use control_plane::identities::{self, Grant};
use domain::error::ApiError;
use domain::identity::TOKEN_SECONDS;
use serde::Deserialize;
use serde_json::json;

use super::error::HttpError;
use super::session::{bearer, token_actor};
use super::web::Web;
pub(crate) use keys::{AccessClaims, TokenKeys};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Why no token was given, in the words of RFC 6749. No details: they would help only an attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OAuthError {
    InvalidRequest,
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
    Unavailable,
}

impl OAuthError {
    const fn parts(self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        }
    }
}

impl From<control_plane::Error> for OAuthError {
    fn from(error: control_plane::Error) -> Self {
        match error.to_api() {
            ApiError::Unavailable | ApiError::Internal => Self::Unavailable,
            ApiError::NotFound
            | ApiError::Forbidden { .. }
            | ApiError::Excluded { .. }
            | ApiError::Unauthenticated
            | ApiError::SignInTooOld { .. }
            | ApiError::WrongCredentials
            | ApiError::TooMany
            | ApiError::Invalid { .. }
            | ApiError::Conflict { .. } => Self::InvalidClient,
        }
    }
}

impl axum::response::IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (status, error) = self.parts();
        (
            status,
            [(header::CACHE_CONTROL, "no-store")],
            Json(json!({ "error": error })),
        )
            .into_response()
    }
}

/// A call of the token endpoint.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TokenRequest {
    grant_type: String,
    scope: String,
    client_assertion_type: String,
    client_assertion: String,
}

/// `POST /oauth/token`
pub(crate) async fn token(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Form(form): Form<TokenRequest>,
) -> Result<Response, OAuthError> {
    if form.grant_type != "client_credentials" {
        return Err(OAuthError::UnsupportedGrantType);
    }
    let grant = granted(
        &web,
        &ctx,
        &form.client_assertion_type,
        &form.client_assertion,
    )
    .await?;
    // Scopes are those that were approved; asking for fewer gives fewer, asking for others gives nothing.
    let asked: Vec<String> = form.scope.split_whitespace().map(str::to_owned).collect();
    if asked.iter().any(|scope| !grant.scopes.contains(scope)) {
        return Err(OAuthError::InvalidScope);
    }
    let scopes = if asked.is_empty() {
        grant.scopes.clone()
    } else {
        asked
    };
    let claims = AccessClaims::new(web.base_url(), &grant, &scopes, web.now())
        .ok_or(OAuthError::Unavailable)?;
    let text = web.tokens().sign(&claims).ok_or(OAuthError::Unavailable)?;
    let answer = json!({ "access_token": text, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": claims.scope });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// What a client may do that proved its key and is entitled now. Its assertion is used up.
async fn granted(web: &Web, ctx: &OpCtx, kind: &str, assertion: &str) -> Result<Grant, OAuthError> {
    if kind != ASSERTION_TYPE {
        return Err(OAuthError::InvalidRequest);
    }
    let client_id = assertion::claimed_client(assertion).ok_or(OAuthError::InvalidClient)?;
    let jwk = identities::public_jwk(web.cp(), &client_id)
        .await?
        .ok_or(OAuthError::InvalidClient)?;
    let claims = assertion::verify(assertion, &jwk, &client_id, web.base_url(), web.now())
        .ok_or(OAuthError::InvalidClient)?;
    Ok(identities::grant(web.cp(), ctx, &client_id, &claims.jti, claims.exp).await?)
}

/// A call of the introspection endpoint.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct IntrospectionRequest {
    token: String,
    client_assertion_type: String,
    client_assertion: String,
}

/// `POST /oauth/introspect`: is this token good now? Asked by whoever an agent calls, with an API token or with a client
/// assertion of its own.
pub(crate) async fn introspect(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    headers: HeaderMap,
    Form(form): Form<IntrospectionRequest>,
) -> Result<Response, OAuthError> {
    if bearer(&headers).is_some() {
        token_actor(&web, &headers)
            .await
            .map_err(|error: HttpError| {
                if error.status().is_server_error() {
                    OAuthError::Unavailable
                } else {
                    OAuthError::InvalidClient
                }
            })?;
    } else {
        granted(
            &web,
            &ctx,
            &form.client_assertion_type,
            &form.client_assertion,
        )
        .await?;
    }
    let answer = match web.tokens().verify(&form.token, web.base_url(), web.now()) {
        Some(claims) if identities::active(web.cp(), &claims.sub).await?.is_some() => {
            claims.introspection()
        }
        Some(_) | None => json!({ "active": false }),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// `GET /oauth/jwks`: the public key of access tokens.
pub(crate) async fn jwks(State(web): State<Web>) -> Response {
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(web.tokens().jwks()),
    )
        .into_response()
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414)
pub(crate) async fn metadata(State(web): State<Web>) -> Response {
    let base = web.base_url();
    Json(json!({
        "issuer": base,
        "token_endpoint": format!("{base}/oauth/token"),
        "introspection_endpoint": format!("{base}/oauth/introspect"),
        "jwks_uri": format!("{base}/oauth/jwks"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["EdDSA"],
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt", "bearer"],
    }))
    .into_response()
}
