//! Which agent calls, proven by its key, and what it may do now.

use control_plane::OpCtx;
use control_plane::identities::{self, Grant};
use serde::Deserialize;

use super::assertion;
use super::error::OAuthError;
use crate::http::web::Web;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// With what a client proves itself (RFC 7521, 4.2).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Assertion {
    /// Not needed beside an assertion; where it is sent it must be the same client.
    client_id: Option<String>,
    client_assertion_type: String,
    client_assertion: String,
}

impl Assertion {
    /// Does the client prove nothing itself?
    pub(super) const fn is_absent(&self) -> bool {
        self.client_assertion_type.is_empty() && self.client_assertion.is_empty()
    }

    /// The client that is named, with or without a proof.
    pub(super) fn named(&self) -> &str {
        self.client_id.as_deref().unwrap_or_default()
    }
}

/// What a client may do that proved its key and is entitled now. Its assertion is used up.
pub(super) async fn granted(web: &Web, ctx: &OpCtx, sent: &Assertion) -> Result<Grant, OAuthError> {
    if sent.client_assertion_type != ASSERTION_TYPE {
        return Err(OAuthError::InvalidRequest);
    }
    let text = &sent.client_assertion;
    let client_id = assertion::claimed_client(text).ok_or(OAuthError::InvalidClient)?;
    if sent.client_id.as_ref().is_some_and(|id| *id != client_id) {
        return Err(OAuthError::InvalidClient);
    }
    let jwk = identities::public_jwk(web.cp(), &client_id)
        .await?
        .ok_or(OAuthError::InvalidClient)?;
    let claims = assertion::verify(text, &jwk, &client_id, web.base_url(), web.now())
        .ok_or(OAuthError::InvalidClient)?;
    Ok(identities::grant(web.cp(), ctx, &client_id, &claims.jti, claims.exp).await?)
}
