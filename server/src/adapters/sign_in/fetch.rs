//! The client for what a provider's own server answers. Owns its bounds: one checked address, no redirects, no proxy, a
//! time limit, and so many bytes. An address inside a private network is called only where the operator listed it, or where
//! the configured issuer itself is on this machine.

use std::time::Duration;

use control_plane::ports::sign_in::SignInError;
use reqwest::header::{ACCEPT, USER_AGENT};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{unavailable, untrusted};
use crate::adapters::guarded::{Blocked, Reach, client, is_local};
use crate::config::HostList;

const WITHIN: Duration = Duration::from_secs(10);
/// Most bytes of an answer.
const MAX_BYTES: usize = 512 * 1_024;

/// The client.
#[derive(Debug, Clone)]
pub(super) struct Fetch {
    private: HostList,
    /// The issuer is on this machine, so what it names may be.
    local: bool,
    within: Duration,
}

impl Fetch {
    pub(super) fn new(issuer: &str, private: HostList) -> Self {
        Self {
            private,
            local: is_local(issuer),
            within: WITHIN,
        }
    }

    #[cfg(test)]
    pub(super) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// May a browser be sent to this address? Only where people go anyway: encrypted, or on the issuer's own machine.
    pub(super) fn is_for_browsers(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| {
            let plain = url.username().is_empty() && url.password().is_none();
            plain
                && match url.scheme() {
                    "https" => true,
                    "http" => self.local && is_local(address),
                    _ => false,
                }
        })
    }

    /// What is at an address.
    pub(super) async fn get(
        &self,
        address: &str,
        token: Option<&SecretString>,
    ) -> Result<Vec<u8>, SignInError> {
        let (client, url) = self.client(address).await?;
        let mut request = client.get(url).header(ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        self.answer(request).await
    }

    /// What a form posted to an address is answered with.
    pub(super) async fn post(
        &self,
        address: &str,
        form: &[(&'static str, String)],
        basic: Option<(String, SecretString)>,
    ) -> Result<Vec<u8>, SignInError> {
        let (client, url) = self.client(address).await?;
        let mut request = client
            .post(url)
            .header(ACCEPT, "application/json")
            .form(form);
        if let Some((id, secret)) = basic {
            // Both are form-encoded first (RFC 6749, 2.3.1).
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            request = request.basic_auth(encode(&id), Some(encode(secret.expose_secret())));
        }
        self.answer(request).await
    }

    async fn client(&self, address: &str) -> Result<(reqwest::Client, Url), SignInError> {
        let url = Url::parse(address).map_err(|_| untrusted("an endpoint is no address"))?;
        let reach = Reach {
            private: self.private.clone(),
            local: self.local,
            within: self.within,
        };
        let client = client(&url, &reach).await.map_err(|why| match why {
            Blocked::NotPlain => untrusted("an endpoint does not begin with https://"),
            Blocked::NoAddress => unavailable("the provider's host has no address at this time"),
            Blocked::Private => untrusted(
                "an endpoint is in a private network; list its host in `sign_in.private_hosts` if that is meant",
            ),
            Blocked::NoClient => unavailable("the HTTPS client could not be made"),
        })?;
        Ok((client, url))
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, SignInError> {
        let late = |error: reqwest::Error| {
            unavailable(format!(
                "the provider did not answer: {}",
                error.without_url()
            ))
        };
        // GitHub refuses whoever does not say what it is.
        let request = request.header(USER_AGENT, "clearance");
        let mut answer = request.send().await.map_err(late)?;
        let status = answer.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(unavailable(format!("the provider answered {status}")));
        }
        if !status.is_success() {
            return Err(untrusted(format!("the provider answered {status}")));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(late)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(untrusted(format!(
                    "the provider answered more than {MAX_BYTES} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
