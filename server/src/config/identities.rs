//! Where agents get their identities: the built-in authorization server, or Okta, for each environment.

use domain::environment::Environment;
use serde::Deserialize;
use url::Url;

use super::{ConfigError, is_loopback_host};

const TEXT_MAX: usize = 200;
const LABEL_MAX: usize = 30;

/// Who provides identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityProviderKind {
    #[default]
    BuiltIn,
    Okta,
}

/// The choice, and how Okta is reached where it is used.
#[derive(Debug, Clone, Default)]
pub struct IdentitySettings {
    non_prod: IdentityProviderKind,
    production: IdentityProviderKind,
    /// Configured, whether an environment uses it now or not: what was made there is still revoked there.
    pub okta: Option<OktaSettings>,
}

impl IdentitySettings {
    /// Who provides the identities of an environment.
    #[must_use]
    pub const fn of(&self, environment: Environment) -> IdentityProviderKind {
        match environment {
            Environment::NonProd => self.non_prod,
            Environment::Production => self.production,
        }
    }

    /// The reference of the key with which Clearance proves itself: no agent may name it.
    pub fn references(&self) -> impl Iterator<Item = &String> {
        self.okta.iter().map(|okta| &okta.private_key)
    }
}

/// An Okta organisation.
#[derive(Debug, Clone)]
pub struct OktaSettings {
    /// Without a trailing slash.
    pub org_url: String,
    /// The service app that Clearance itself is.
    pub client_id: String,
    /// Reference of its private key, in PEM.
    pub private_key: String,
    pub key_id: String,
    /// The custom authorization server that gives agents their tokens.
    pub authorization_server: String,
    /// What the label of every app of ours begins with.
    pub label: String,
    /// Is each identity an agent of Okta's own registry too?
    pub ai_agents: bool,
}

/// The section's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawIdentities {
    non_prod: IdentityProviderKind,
    production: IdentityProviderKind,
    okta: Option<RawOkta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawOkta {
    org_url: String,
    client_id: String,
    private_key: String,
    key_id: String,
    authorization_server: Option<String>,
    label: Option<String>,
    ai_agents: bool,
}

impl IdentitySettings {
    pub(super) fn checked(raw: RawIdentities) -> Result<Self, ConfigError> {
        let chosen = [raw.non_prod, raw.production].contains(&IdentityProviderKind::Okta);
        if chosen && raw.okta.is_none() {
            return Err(ConfigError::wrong(
                "identities.okta",
                "is missing, and an environment gets its identities from Okta",
            ));
        }
        Ok(Self {
            non_prod: raw.non_prod,
            production: raw.production,
            okta: raw.okta.map(RawOkta::checked).transpose()?,
        })
    }
}

impl RawOkta {
    fn checked(self) -> Result<OktaSettings, ConfigError> {
        let org_url = self.org_url.trim_end_matches('/').to_owned();
        check_org(&org_url)?;
        if !self.private_key.starts_with("env:") && !self.private_key.starts_with("file:") {
            return Err(ConfigError::wrong(
                "identities.okta.private_key",
                "is no reference; write env:NAME and put the key into that variable",
            ));
        }
        let server = self.authorization_server.as_deref().unwrap_or("default");
        let label = self.label.as_deref().unwrap_or("clearance");
        for (key, value, max) in [
            (
                "identities.okta.client_id",
                self.client_id.as_str(),
                TEXT_MAX,
            ),
            ("identities.okta.key_id", &self.key_id, TEXT_MAX),
            ("identities.okta.authorization_server", server, TEXT_MAX),
            ("identities.okta.label", label, LABEL_MAX),
        ] {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            if value.is_empty() || value.len() > max || !value.bytes().all(plain) {
                return Err(ConfigError::wrong(
                    key,
                    format!(
                        "must have letters, digits, hyphens, dots and underscores, at most {max}"
                    ),
                ));
            }
        }
        Ok(OktaSettings {
            authorization_server: server.to_owned(),
            label: label.to_owned(),
            ai_agents: self.ai_agents,
            org_url,
            client_id: self.client_id,
            private_key: self.private_key,
            key_id: self.key_id,
        })
    }
}

/// What goes there makes and ends identities, so the way is encrypted unless it stays on this machine.
fn check_org(text: &str) -> Result<(), ConfigError> {
    let wrong = || {
        ConfigError::wrong(
            "identities.okta.org_url",
            "is no address of an organisation; write it like https://example.okta.com",
        )
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && is_loopback_host(host));
    (bare && encrypted && text.len() <= TEXT_MAX)
        .then_some(())
        .ok_or_else(wrong)
}
