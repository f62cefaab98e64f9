//! Issuers of a CI's tokens, beside GitHub Actions and Azure DevOps.

use serde::Deserialize;

use super::sign_in::check_issuer_of;
use super::{ConfigError, HostList, proxies};

const ISSUERS: &str = "ci.issuers";
const MOST: usize = 20;
const AUDIENCE_MAX: usize = 300;

/// Issuers, and the hosts that may be in a private network.
#[derive(Debug, Clone, Default)]
pub struct CiSettings {
    pub issuers: Vec<CiIssuer>,
    pub private_hosts: HostList,
}

/// One issuer.
#[derive(Debug, Clone)]
pub struct CiIssuer {
    pub issuer: String,
    /// What its tokens must be for; the address of this server unless it is said.
    pub audience: Option<String>,
}

/// The section's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawCi {
    issuers: Vec<RawIssuer>,
    private_hosts: Option<proxies::Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIssuer {
    issuer: String,
    audience: Option<String>,
}

impl CiSettings {
    pub(super) fn checked(raw: RawCi) -> Result<Self, ConfigError> {
        if raw.issuers.len() > MOST {
            return Err(ConfigError::wrong(ISSUERS, format!("has more than {MOST}")));
        }
        let mut issuers: Vec<CiIssuer> = Vec::new();
        for one in raw.issuers {
            check_issuer_of(ISSUERS, &one.issuer, &one.issuer)?;
            let wrong = |problem: &str| {
                ConfigError::wrong(ISSUERS, format!("has `{}`, which {problem}", one.issuer))
            };
            if issuers.iter().any(|other| other.issuer == one.issuer) {
                return Err(wrong("is there twice"));
            }
            let long = |text: &String| text.trim().is_empty() || text.len() > AUDIENCE_MAX;
            if one.audience.as_ref().is_some_and(long) {
                return Err(wrong("has an empty or overlong `audience`"));
            }
            issuers.push(CiIssuer {
                issuer: one.issuer,
                audience: one.audience,
            });
        }
        let private_hosts = HostList::parse(raw.private_hosts).map_err(|entry| {
            let problem = format!("has `{entry}`; write host names, addresses or networks");
            ConfigError::wrong("ci.private_hosts", problem)
        })?;
        Ok(Self {
            issuers,
            private_hosts,
        })
    }
}
