//! The one way out to an address that comes from configuration or from another server's answer. Owns its bounds: the address
//! that was checked is the one that is connected to, no redirects, no proxy, a time limit. An address inside a private network
//! is called only where it was listed, or where the configured server itself is on this machine.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use url::Url;

use super::public::is_public;
use crate::config::HostList;

/// How long a look-up and a connection may take.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Where a call may go.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// Hosts and networks that may be private.
    pub(super) private: HostList,
    /// The configured server is on this machine, so what it names may be, and need not be encrypted.
    pub(super) local: bool,
    /// How long a whole call may take.
    pub(super) within: Duration,
}

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocked {
    /// It does not begin with https://, or it holds a user.
    NotPlain,
    /// Its host has no address at this time.
    NoAddress,
    /// It is in a private network.
    Private,
    /// The client could not be made.
    NoClient,
}

/// A client that calls this address and no other.
pub(super) async fn client(url: &Url, reach: &Reach) -> Result<reqwest::Client, Blocked> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && reach.local);
    if !encrypted || !url.username().is_empty() || url.password().is_some() {
        return Err(Blocked::NotPlain);
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let found = look_up(host, port).await;
    if found.is_empty() {
        return Err(Blocked::NoAddress);
    }
    let listed = reach.private.has_name(host);
    let may = |at: &SocketAddr| {
        listed
            || is_public(at.ip())
            || reach.private.has_address(at.ip())
            || (reach.local && at.ip().is_loopback())
    };
    if !found.iter().all(may) {
        return Err(Blocked::Private);
    }
    // Connects to what was checked: a second look-up could lead elsewhere.
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(reach.within)
        .connect_timeout(CONNECT_WITHIN)
        .resolve_to_addrs(host, &found)
        .build()
        .map_err(|_| Blocked::NoClient)
}

/// Is the address on this machine, by what it says?
pub(super) fn is_local(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

async fn look_up(host: &str, port: u16) -> Vec<SocketAddr> {
    let looked = tokio::net::lookup_host((host, port));
    match tokio::time::timeout(CONNECT_WITHIN, looked).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}
