//! Token exchange (RFC 8693) for programs: a CI shows a token that its own issuer signed, and the service account that
//! trusts it gets a short API token. Nothing else proves the caller.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use control_plane::OpCtx;
use control_plane::service_accounts::{self, IssueError};
use serde_json::json;

use super::client::Assertion;
use super::error::OAuthError;
use super::exchange::{ACCESS_TOKEN, ExchangeRequest};
use crate::http::web::Web;

/// Gives a service account a token. `client_id` names the account where several trust the CI's token.
pub(super) async fn federate(
    web: &Web,
    ctx: &OpCtx,
    client: &Assertion,
    asked: &ExchangeRequest,
    scope: &str,
) -> Result<Response, OAuthError> {
    asked.check(web.base_url())?;
    let (token, account) = (&asked.subject_token, client.named());
    let issued = service_accounts::issue(web.cp(), ctx, token, account, scope)
        .await
        .map_err(|error| match error {
            IssueError::Untrusted => OAuthError::InvalidRequest,
            IssueError::NotAllowed => OAuthError::UnauthorizedClient,
            IssueError::Scope => OAuthError::InvalidScope,
            IssueError::Unavailable => OAuthError::Unavailable,
            IssueError::Ours(error) => error.into(),
        })?;
    let scopes: Vec<&str> = issued.scopes.iter().map(|scope| scope.as_str()).collect();
    let answer = json!({
        "access_token": issued.text,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": issued.lives,
        "scope": scopes.join(" "),
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}
