//! The network address that a request comes from: the connection's, or what a trusted proxy says of it.
//!
//! `X-Forwarded-For` is read from its end, where the proxy nearest to us wrote. What stands before the first address that
//! is not a trusted proxy's was written by that address, and may be invented.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;

use crate::config::TrustedProxies;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request comes from; `None` when the connection did not tell.
pub(crate) fn address(request: &Request, proxies: &TrustedProxies) -> Option<IpAddr> {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(behind(connection.0.ip(), request.headers(), proxies))
}

fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    let mut nearest = peer;
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut entries = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    while proxies.contains(nearest) {
        // The end of the list, or something that is no address: then the proxy itself is all we know.
        let Some(next) = entries.next().and_then(parse) else {
            break;
        };
        nearest = next;
    }
    nearest
}

/// An address; some proxies write the port too.
fn parse(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let with_port = |_| entry.parse::<SocketAddr>().map(|socket| socket.ip());
    entry.parse::<IpAddr>().or_else(with_port).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::{Config, Overrides};

    fn of(peer: &str, lines: &[&'static str], trusted: &str) -> String {
        let variables = vec![("CLEARANCE_TRUSTED_PROXIES".to_owned(), trusted.to_owned())];
        let config = Config::from_parts(&Overrides::default(), variables).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        behind(peer.parse().unwrap(), &headers, &config.trusted_proxies).to_string()
    }

    #[test]
    fn nobody_is_believed_without_a_setting() {
        assert_eq!(of("10.0.0.1", &["192.0.2.7"], ""), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["192.0.2.7"], "10.0.0.2"), "10.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_before_it() {
        let proxies = "10.0.0.0/8";
        assert_eq!(of("10.0.0.1", &["192.0.2.7"], proxies), "192.0.2.7");
        assert_eq!(
            of("10.0.0.1", &["198.51.100.1, 192.0.2.7"], proxies),
            "192.0.2.7"
        );
        assert_eq!(
            of(
                "10.0.0.1",
                &["198.51.100.1", "192.0.2.7, 10.0.0.2"],
                proxies
            ),
            "192.0.2.7"
        );
        assert_eq!(of("10.0.0.1", &["192.0.2.7:5000"], proxies), "192.0.2.7");
        assert_eq!(
            of("10.0.0.1", &["[2001:db8::1]:5000"], proxies),
            "2001:db8::1"
        );
    }

    #[test]
    fn a_proxy_that_says_nothing_sensible_stands_for_itself() {
        let proxies = "10.0.0.0/8";
        assert_eq!(of("10.0.0.1", &[], proxies), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["10.0.0.2"], proxies), "10.0.0.2");
        assert_eq!(of("10.0.0.1", &["192.0.2.7, unknown"], proxies), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["192.0.2.7,"], proxies), "10.0.0.1");
    }
}
