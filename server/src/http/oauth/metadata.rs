//! What the authorization server says about itself: its endpoints, what they take, and its keys.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::error::OAuthError;
use super::token::GRANT_TYPES;
use super::{dpop, jws};
use crate::http::web::Web;

/// The algorithms of client assertions.
pub(super) const SIGNED_WITH: [&str; 2] = jws::ED25519;
const PROVEN_BY: [&str; 1] = ["private_key_jwt"];

/// `GET /oauth/jwks`: the public keys of access tokens. They may be remembered for less time than a key is published before
/// it signs.
pub(crate) async fn jwks(State(web): State<Web>) -> Result<Response, OAuthError> {
    let ring = web.tokens().ring(web.cp()).await?;
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(ring.jwks(web.cp().clock().now())),
    )
        .into_response())
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414)
pub(crate) async fn metadata(State(web): State<Web>) -> Response {
    let base = web.base_url();
    let body = json!({
        "issuer": base,
        "token_endpoint": format!("{base}/oauth/token"),
        "introspection_endpoint": format!("{base}/oauth/introspect"),
        "revocation_endpoint": format!("{base}/oauth/revoke"),
        "jwks_uri": format!("{base}/oauth/jwks"),
        "grant_types_supported": GRANT_TYPES,
        "response_types_supported": [],
        "dpop_signing_alg_values_supported": dpop::SIGNED_WITH,
        // A CI proves itself by the token that it exchanges.
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": SIGNED_WITH,
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt", "bearer"],
        "introspection_endpoint_auth_signing_alg_values_supported": SIGNED_WITH,
        "revocation_endpoint_auth_methods_supported": PROVEN_BY,
        "revocation_endpoint_auth_signing_alg_values_supported": SIGNED_WITH,
    });
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(body)).into_response()
}
