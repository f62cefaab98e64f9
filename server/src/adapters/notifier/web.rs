//! One small client for the addresses of channels. Owns its bounds: one checked address, no redirects, no proxy, a time
//! limit, a little of the answer. Says no part of an address in any error.

use std::net::SocketAddr;
use std::time::Duration;

use control_plane::ports::PortError;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapters::problem::{not_found, protocol, rejected, unavailable};
use crate::adapters::public::is_public;
use crate::config::HostList;

const WITHIN: Duration = Duration::from_secs(10);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const LOOK_UP_WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are read.
const ANSWER_MAX: usize = 16 * 1024;

/// The client.
#[derive(Debug)]
pub(super) struct Web {
    allowed: HostList,
    within: Duration,
}

/// An address that may be called, with where its host is.
struct Checked {
    url: Url,
    host: String,
    found: Vec<SocketAddr>,
}

impl Web {
    pub(super) const fn new(allowed: HostList) -> Self {
        Self {
            allowed,
            within: WITHIN,
        }
    }

    /// May this address be called?
    ///
    /// # Errors
    /// `Rejected` if not; `Unavailable` when its host cannot be looked up.
    pub(super) async fn check(&self, address: &SecretString) -> Result<(), PortError> {
        self.checked(address).await.map(|_| ())
    }

    async fn checked(&self, address: &SecretString) -> Result<Checked, PortError> {
        let url = Url::parse(address.expose_secret().trim())
            .map_err(|_| rejected("The channel's address cannot be read: add the channel anew."))?;
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        let plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && !host.is_empty();
        if !plain {
            return Err(rejected(
                "The channel's address must be an https address without a user or password.",
            ));
        }
        let port = url.port_or_known_default().unwrap_or(443);
        let found = look_up(&host, port).await;
        if found.is_empty() {
            return Err(unavailable(
                "The receiver's host has no address at this time.",
            ));
        }
        let listed = self.allowed.has_name(&host)
            || found.iter().all(|at| self.allowed.has_address(at.ip()));
        if !listed && !found.iter().all(|at| is_public(at.ip())) {
            return Err(rejected(
                "The receiver is in a private network: list its host in `channel_hosts` if that is meant.",
            ));
        }
        if !listed && url.scheme() != "https" {
            return Err(rejected(
                "The channel's address must begin with https://, unless `channel_hosts` lists its host.",
            ));
        }
        Ok(Checked { url, host, found })
    }

    /// Posts a JSON document and judges the answer by its status.
    ///
    /// # Errors
    /// What the status means.
    pub(super) async fn post(
        &self,
        address: &SecretString,
        more: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<(), PortError> {
        let Checked { url, host, found } = self.checked(address).await?;
        // Connects to what was checked: a second look-up could lead elsewhere.
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(self.within)
            .connect_timeout(CONNECT_WITHIN)
            .resolve_to_addrs(&host, &found)
            .build()
            .map_err(|error| unavailable("The HTTPS client could not be made.").because(error))?;
        let request = client.post(url).headers(headers(more)?).body(body);
        let answer = request.send().await.map_err(|error| {
            let why = if error.is_timeout() {
                "The receiver did not answer in time."
            } else {
                "The receiver could not be reached."
            };
            unavailable(why).because(error.without_url())
        })?;
        let status = answer.status();
        drain(answer).await;
        judge(status)
    }
}

/// The addresses of a host; none where it has none or nobody answers in time.
async fn look_up(host: &str, port: u16) -> Vec<SocketAddr> {
    let looked = tokio::net::lookup_host((host, port));
    match tokio::time::timeout(LOOK_UP_WITHIN, looked).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn headers(more: Vec<(&'static str, String)>) -> Result<HeaderMap, PortError> {
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("clearance")),
    ]);
    for (name, value) in more {
        let value = HeaderValue::from_str(&value)
            .map_err(|_| rejected("The message cannot be put into headers."))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Reads a little of the answer, so that a receiver may finish writing; what it says is not used.
async fn drain(mut answer: reqwest::Response) {
    let mut read = 0;
    while read < ANSWER_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

fn judge(status: StatusCode) -> Result<(), PortError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        410 => Err(not_found(
            "The receiver says that it is gone for good (410): remove the channel or add it anew.",
        )),
        404 => Err(not_found(
            "The receiver does not know the address (404): add the channel anew.",
        )),
        408 | 425 | 429 => Err(unavailable(format!(
            "The receiver asks to wait ({status})."
        ))),
        500..=599 => Err(unavailable(format!("The receiver has trouble ({status})."))),
        300..=399 => Err(rejected(format!(
            "The receiver sends elsewhere ({status}), which is not followed: write its new address."
        ))),
        400..=499 => Err(rejected(format!(
            "The receiver refused the message ({status})."
        ))),
        _ => Err(protocol(format!("The receiver answered {status}."))),
    }
}

#[cfg(test)]
mod tests {
    use control_plane::ports::PortErrorKind as Kind;

    use super::*;

    async fn kind(address: &str) -> Result<(), Kind> {
        let web = Web::new(HostList::default());
        let checked = web.check(&SecretString::from(address)).await;
        checked.map_err(|error| {
            assert!(!error.to_string().contains("canary"), "{error}");
            error.kind
        })
    }

    #[tokio::test]
    async fn addresses_that_lead_inside_are_refused() {
        for address in [
            "https://127.0.0.1/canary",
            "https://[::1]/canary",
            "https://localhost/canary",
            "https://2130706433/canary",
            "https://0x7f.1/canary",
            "https://169.254.169.254/latest/canary",
            "https://[::ffff:10.0.0.1]/canary",
            "https://[fd00::1]/canary",
            "https://10.0.0.1:8443/canary",
            "https://0.0.0.0/canary",
            "http://140.82.112.3/canary",
            "https://user:canary@140.82.112.3/x",
            "file:///etc/canary",
            "gopher://140.82.112.3/canary",
            "canary",
            "",
        ] {
            assert_eq!(kind(address).await, Err(Kind::Rejected), "{address}");
        }
        assert_eq!(kind("https://140.82.112.3/canary").await, Ok(()));
        let nowhere = kind("https://no-such-host.invalid/canary").await;
        assert_eq!(nowhere, Err(Kind::Unavailable));
    }

    #[tokio::test]
    async fn a_receiver_that_never_answers_or_never_stops_is_left() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let allowed = HostList::parse_text("127.0.0.1");
        let web = Web {
            allowed,
            within: Duration::from_millis(300),
        };
        for endless in [false, true] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}/canary", listener.local_addr().unwrap());
            let serve = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                // An answer before the question would be another error.
                let _ = stream.read(&mut [0; 1_024]).await.unwrap();
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                if endless {
                    stream.write_all(head).await.unwrap();
                    while stream.write_all(b"400\r\n").await.is_ok()
                        && stream.write_all(&[b'x'; 1_024]).await.is_ok()
                        && stream.write_all(b"\r\n").await.is_ok()
                    {}
                }
                std::future::pending::<()>().await;
            };
            let address = SecretString::from(address);
            let post = web.post(&address, Vec::new(), b"{}".to_vec());
            let outcome = tokio::select! {
                outcome = post => outcome,
                () = serve => panic!("the receiver ended first"),
            };
            match (endless, outcome) {
                // What it says does not matter; a little of it is read.
                (true, Ok(())) => {}
                (false, Err(error)) => assert_eq!(error.kind, Kind::Unavailable),
                (_, other) => panic!("{endless}: {other:?}"),
            }
        }
    }

    #[test]
    fn answers_are_judged() {
        let kind =
            |status: u16| judge(StatusCode::from_u16(status).unwrap()).map_err(|error| error.kind);
        for status in [200, 202, 204] {
            assert_eq!(kind(status), Ok(()));
        }
        for (status, expected) in [
            (301, Kind::Rejected),
            (307, Kind::Rejected),
            (400, Kind::Rejected),
            (404, Kind::NotFound),
            (410, Kind::NotFound),
            (429, Kind::Unavailable),
            (500, Kind::Unavailable),
            (503, Kind::Unavailable),
            (700, Kind::Protocol),
        ] {
            assert_eq!(kind(status), Err(expected), "{status}");
        }
    }
}
