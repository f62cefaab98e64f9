//! One small HTTPS client for the APIs of git hosts. Owns its bounds: one address, no redirects, a time limit;
//! refuses hosts that resolve to a private network, unless the configuration allows them.

use std::net::SocketAddr;
use std::time::Duration;

use control_plane::ports::PortError;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapters::problem::{not_found, protocol, rejected, unavailable};
use crate::adapters::public::is_public;

const WITHIN: Duration = Duration::from_secs(20);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Most bytes of an answer that is read.
const ANSWER_MAX: usize = 8 * 1024 * 1024;
/// The form of most bodies.
pub(super) const JSON: &str = "application/json";

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    /// What it is about, for people: `the issue`.
    pub(super) what: &'static str,
    pub(super) method: Method,
    /// Begins with a slash and is percent-encoded.
    pub(super) path: &'a str,
    /// Media type of the body.
    pub(super) form: &'static str,
    pub(super) body: Option<&'a serde_json::Value>,
}

/// The API of one git host.
#[derive(Debug, Clone)]
pub(super) struct Api {
    /// What people call it.
    pub(super) name: &'static str,
    /// Without a trailing slash.
    pub(super) base: String,
    pub(super) allow_private: bool,
}

impl Api {
    /// Posts a commit status and expects success. `path` begins with a slash and is percent-encoded.
    ///
    /// # Errors
    /// What the status means; the answer's body is not read.
    pub(super) async fn post(
        &self,
        path: &str,
        authorization: &SecretString,
        body: &serde_json::Value,
    ) -> Result<(), PortError> {
        let call = Call {
            what: "the commit status",
            method: Method::POST,
            path,
            form: JSON,
            body: Some(body),
        };
        self.send(authorization, &call).await.map(drop)
    }

    /// Makes a call and reads the answer, a JSON document of bounded size.
    ///
    /// # Errors
    /// What the status means, or that the answer is none.
    pub(super) async fn ask(
        &self,
        authorization: &SecretString,
        call: &Call<'_>,
    ) -> Result<serde_json::Value, PortError> {
        let mut answer = self.send(authorization, call).await?;
        let nonsense = || {
            protocol(format!(
                "{} did not answer {} as expected.",
                self.name, call.what
            ))
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| nonsense())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_MAX {
                return Err(nonsense());
            }
        }
        serde_json::from_slice(&bytes).map_err(|_| nonsense())
    }

    async fn send(
        &self,
        authorization: &SecretString,
        call: &Call<'_>,
    ) -> Result<reqwest::Response, PortError> {
        let url = Url::parse(&format!("{}{}", self.base, call.path)).map_err(|_| {
            rejected(format!(
                "The address of {}'s API is not usable: correct it in the configuration.",
                self.name
            ))
        })?;
        let client = self.client(&url).await?;
        let mut request = client
            .request(call.method.clone(), url)
            .headers(headers(authorization)?);
        if let Some(body) = call.body {
            request = request
                .header(CONTENT_TYPE, call.form)
                .body(body.to_string());
        }
        let answer = request.send().await.map_err(|error| {
            unavailable(format!(
                "{} could not be reached: it is tried again.",
                self.name
            ))
            .because(error.without_url())
        })?;
        self.judge(answer.status(), answer.headers(), call.what)?;
        Ok(answer)
    }

    /// A client for this host at the addresses that were checked, so that a second look-up cannot lead elsewhere.
    async fn client(&self, url: &Url) -> Result<reqwest::Client, PortError> {
        let secure = url.scheme() == "https" || (self.allow_private && url.scheme() == "http");
        let host = url.host_str().filter(|_| secure);
        let host = host.ok_or_else(|| {
            rejected(format!(
                "The address of {}'s API must begin with https://.",
                self.name
            ))
        })?;
        let port = url.port_or_known_default().unwrap_or(443);
        let bare = host.trim_matches(['[', ']']);
        let found: Vec<SocketAddr> = tokio::net::lookup_host((bare, port))
            .await
            .map_err(|error| {
                unavailable(format!(
                    "The host of {}'s API has no address: it is tried again.",
                    self.name
                ))
                .because(error)
            })?
            .collect();
        if !self.allow_private && !found.iter().all(|address| is_public(address.ip())) {
            return Err(rejected(format!(
                "The host of {}'s API is in a private network: set `git.allow_private_hosts` if that is meant.",
                self.name
            )));
        }
        reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(WITHIN)
            .connect_timeout(CONNECT_WITHIN)
            .resolve_to_addrs(bare, &found)
            .build()
            .map_err(|error| unavailable("The HTTPS client could not be made.").because(error))
    }

    fn judge(&self, status: StatusCode, headers: &HeaderMap, what: &str) -> Result<(), PortError> {
        let name = self.name;
        let spent = headers
            .get("x-ratelimit-remaining")
            .is_some_and(|left| left == "0")
            || headers.contains_key("retry-after");
        match status.as_u16() {
            200..=202 | 204 => Ok(()),
            429 => Err(unavailable(format!(
                "{name} asks for fewer requests: it is tried again."
            ))),
            403 if spent => Err(unavailable(format!(
                "{name} asks for fewer requests: it is tried again."
            ))),
            // Azure DevOps answers 203 or 302 to its sign-in page when a token is not valid.
            203 | 401 | 403 | 300..=399 => Err(rejected(format!(
                "{name} refused {what}: check that the configured token is valid and may write it."
            ))),
            404 => Err(not_found(format!(
                "{name} has no such repository or commit, or the configured token may not see it."
            ))),
            400 | 422 => Err(rejected(format!(
                "{name} did not accept {what} ({status})."
            ))),
            500..=599 => Err(unavailable(format!(
                "{name} has trouble ({status}): it is tried again."
            ))),
            _ => Err(protocol(format!("{name} answered {status} to {what}."))),
        }
    }
}

fn headers(authorization: &SecretString) -> Result<HeaderMap, PortError> {
    let value = HeaderValue::from_str(authorization.expose_secret());
    let mut value = value.map_err(|_| {
        rejected("The configured token holds characters that no token has: store it again.")
    })?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, value),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("clearance")),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged() {
        use control_plane::ports::PortErrorKind as Kind;
        let api = Api {
            name: "GitHub",
            base: String::new(),
            allow_private: false,
        };
        let kind = |status: u16| {
            api.judge(
                StatusCode::from_u16(status).unwrap(),
                &HeaderMap::new(),
                "it",
            )
            .map_err(|error| error.kind)
        };
        assert_eq!(kind(201), Ok(()));
        for (status, expected) in [
            (302, Kind::Rejected),
            (401, Kind::Rejected),
            (403, Kind::Rejected),
            (404, Kind::NotFound),
            (418, Kind::Protocol),
            (422, Kind::Rejected),
            (429, Kind::Unavailable),
            (503, Kind::Unavailable),
        ] {
            assert_eq!(kind(status), Err(expected), "{status}");
        }
        let spent = HeaderMap::from_iter([(
            "x-ratelimit-remaining".parse().unwrap(),
            HeaderValue::from_static("0"),
        )]);
        assert_eq!(
            api.judge(StatusCode::FORBIDDEN, &spent, "it")
                .unwrap_err()
                .kind,
            Kind::Unavailable
        );
    }
}
