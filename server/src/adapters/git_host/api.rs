//! One small HTTPS client for the status APIs of git hosts. Owns its bounds: one address, no redirects, a time limit;
//! refuses hosts that resolve to a private network, unless the configuration allows them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use control_plane::ports::PortError;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapters::problem::{not_found, protocol, rejected, unavailable};

const WITHIN: Duration = Duration::from_secs(20);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

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
    /// Posts a JSON document and expects success. `path` begins with a slash and is percent-encoded.
    ///
    /// # Errors
    /// What the status means; the answer's body is not read.
    pub(super) async fn post(
        &self,
        path: &str,
        authorization: &SecretString,
        body: &serde_json::Value,
    ) -> Result<(), PortError> {
        let url = Url::parse(&format!("{}{path}", self.base)).map_err(|_| {
            rejected(format!(
                "The address of {}'s API is not usable: correct it in the configuration.",
                self.name
            ))
        })?;
        let client = self.client(&url).await?;
        let sent = client
            .post(url)
            .headers(headers(authorization)?)
            .json(body)
            .send()
            .await;
        let answer = sent.map_err(|error| {
            unavailable(format!(
                "{} could not be reached: it is tried again.",
                self.name
            ))
            .because(error.without_url())
        })?;
        self.judge(answer.status(), answer.headers())
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

    fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Result<(), PortError> {
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
                "{name} refused the commit status: check that the configured token is valid and may write commit statuses."
            ))),
            404 => Err(not_found(format!(
                "{name} has no such repository or commit, or the configured token may not see it."
            ))),
            400 | 422 => Err(rejected(format!(
                "{name} did not accept the commit status ({status})."
            ))),
            500..=599 => Err(unavailable(format!(
                "{name} has trouble ({status}): it is tried again."
            ))),
            _ => Err(protocol(format!(
                "{name} answered {status} to a commit status."
            ))),
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

/// False for every address that is not for the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a == 192 && b == 0 && c == 0);
    !special
}

/// Only global unicast; addresses that carry an IPv4 address are what that is.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let carries_v4 =
        first == 0x2002 || (first == 0x64 && second == 0xff9b) || (first == 0x2001 && second == 0);
    let documentation = first == 0x2001 && second == 0xdb8;
    (first & 0xe000) == 0x2000 && !carries_v4 && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["140.82.112.3", "2606:50c0:8000::154"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn answers_are_judged() {
        use control_plane::ports::PortErrorKind as Kind;
        let api = Api {
            name: "GitHub",
            base: String::new(),
            allow_private: false,
        };
        let kind = |status: u16| {
            api.judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new())
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
            api.judge(StatusCode::FORBIDDEN, &spent).unwrap_err().kind,
            Kind::Unavailable
        );
    }
}
