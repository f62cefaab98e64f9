//! Hosts that may be called although they are not on the public internet.

use std::net::IpAddr;

use ipnet::IpNet;

use super::proxies::Written;

/// Names, addresses and networks; none, unless they are configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostList {
    /// Lower case.
    names: Vec<String>,
    networks: Vec<IpNet>,
}

impl HostList {
    /// Is this name listed? Then it is trusted, whatever address it has.
    #[must_use]
    pub fn has_name(&self, host: &str) -> bool {
        self.names.contains(&host.to_ascii_lowercase())
    }

    /// Is this address in one of the networks?
    #[must_use]
    pub fn has_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Reads a list with commas, for tests.
    #[cfg(test)]
    pub(crate) fn parse_text(text: &str) -> Self {
        Self::parse(Some(Written::One(text.to_owned()))).unwrap_or_default()
    }

    /// Reads the setting; the error is the entry that is none of them.
    pub(super) fn parse(written: Option<Written>) -> Result<Self, String> {
        let mut list = Self::default();
        for entry in written.map(Written::entries).unwrap_or_default() {
            let network = entry
                .parse::<IpAddr>()
                .map(IpNet::from)
                .or_else(|_| entry.parse());
            if let Ok(network) = network {
                list.networks.push(network);
            } else if is_name(&entry) {
                list.names.push(entry.to_ascii_lowercase());
            } else {
                return Err(entry);
            }
        }
        Ok(list)
    }
}

fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    text.len() <= 253 && text.bytes().all(plain) && !text.starts_with(['.', '-'])
}
