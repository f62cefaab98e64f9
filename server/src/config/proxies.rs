//! Which machines in front of this one are believed when they say whom they speak for.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// As written: a list in the file, one text with commas in a variable.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    One(String),
    Many(Vec<String>),
}

impl Written {
    /// The entries, without those that are empty.
    pub(super) fn entries(self) -> Vec<String> {
        let entries = match self {
            Self::Many(entries) => entries,
            Self::One(text) => text.split(',').map(str::to_owned).collect(),
        };
        let trimmed = entries.iter().map(|entry| entry.trim().to_owned());
        trimmed.filter(|entry| !entry.is_empty()).collect()
    }
}

/// Addresses and networks of trusted proxies; none, unless they are configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Is this one of them?
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Reads the setting; the error is the entry that is neither an address nor a network.
    pub(super) fn parse(written: Option<Written>) -> Result<Self, String> {
        let entries = written.map(Written::entries).unwrap_or_default();
        let networks = entries.into_iter().map(|entry| {
            let address = entry.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| entry.parse()).map_err(|_| entry)
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<TrustedProxies, String> {
        TrustedProxies::parse(Some(Written::One(text.to_owned())))
    }

    #[test]
    fn addresses_and_networks_are_understood() {
        let proxies = of("10.0.0.0/8, 192.0.2.7,2001:db8::/32").unwrap();
        let has = |text: &str| proxies.contains(text.parse().unwrap());
        assert!(has("10.1.2.3") && has("192.0.2.7") && has("2001:db8::1"));
        assert!(has("::ffff:10.1.2.3"), "IPv4 on a dual socket");
        assert!(!has("11.1.2.3") && !has("192.0.2.8") && !has("2001:db9::1"));
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        let nobody = TrustedProxies::parse(None).unwrap();
        assert!(!nobody.contains("127.0.0.1".parse().unwrap()));
        assert_eq!(of(""), Ok(nobody));
    }

    #[test]
    fn anything_else_is_named() {
        assert_eq!(of("10.0.0.1, proxy"), Err("proxy".to_owned()));
        assert_eq!(of("10.0.0.0/33"), Err("10.0.0.0/33".to_owned()));
    }
}
