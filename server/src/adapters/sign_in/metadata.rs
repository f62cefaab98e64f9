//! What a provider says about itself at its well-known address. Believed only where it calls itself as it is configured.

use std::time::{Duration, Instant};

use control_plane::ports::sign_in::SignInError;
use serde::Deserialize;

use super::fetch::Fetch;
use super::{unavailable, untrusted};

/// How long it is remembered.
const FOR: Duration = Duration::from_secs(600);
/// How long it is not asked again after it did not answer.
const QUIET: Duration = Duration::from_secs(3);

/// The parts that we use.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    /// Empty where nobody signs in there, as at the issuer of a CI.
    #[serde(default)]
    pub(super) authorization_endpoint: String,
    #[serde(default)]
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    pub(super) userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub(super) end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Does every answer say its issuer (RFC 9207)?
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) says_issuer: bool,
}

impl Metadata {
    /// May the client prove itself in the `Authorization` header? That is so unless the provider says otherwise.
    pub(super) fn takes_basic(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_ref();
        methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"))
    }
}

/// The last that was heard, and when nothing was.
#[derive(Default)]
pub(super) struct Remembered {
    heard: Option<(Instant, Metadata)>,
    failed: Option<Instant>,
}

impl Remembered {
    /// Of a provider that people sign in through.
    pub(super) async fn get(
        &mut self,
        fetch: &Fetch,
        issuer: &str,
    ) -> Result<Metadata, SignInError> {
        let metadata = self.keys_of(fetch, issuer).await?;
        let ends = metadata.end_session_endpoint.as_deref();
        let for_browsers = fetch.is_for_browsers(&metadata.authorization_endpoint)
            && ends.is_none_or(|address| fetch.is_for_browsers(address));
        if !for_browsers {
            self.heard = None;
            return Err(untrusted(
                "an address for browsers does not begin with https://",
            ));
        }
        Ok(metadata)
    }

    /// Of whoever signs tokens; nothing but where its keys are needs to be there.
    pub(super) async fn keys_of(
        &mut self,
        fetch: &Fetch,
        issuer: &str,
    ) -> Result<Metadata, SignInError> {
        if let Some((at, metadata)) = &self.heard
            && at.elapsed() < FOR
        {
            return Ok(metadata.clone());
        }
        // People do not queue behind a provider that is down.
        if self.failed.is_some_and(|at| at.elapsed() < QUIET) {
            return Err(unavailable("the provider did not answer a moment ago"));
        }
        let address = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let body = fetch.get(&address, None).await;
        self.failed = body.is_err().then(Instant::now);
        let body = body?;
        let metadata: Metadata = serde_json::from_slice(&body)
            .map_err(|_| untrusted("the provider's description of itself cannot be read"))?;
        if metadata.issuer != issuer {
            return Err(untrusted(
                "the provider calls itself otherwise than it is configured",
            ));
        }
        self.heard = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}
