//! Sign-in providers: of OpenID Connect, and [`github`].

mod github;

use control_plane::passkeys;
use domain::actor::Role;
use domain::name::check_slug;
use domain::sign_in::{GroupRule, Provider};
use serde::Deserialize;
use url::Url;

pub use self::github::GitHubSettings;

use super::{ConfigError, HostList, is_loopback_host, proxies};

const PROVIDERS: &str = "sign_in.providers";
/// More buttons than these help nobody.
const MOST: usize = 20;
const TEXT_MAX: usize = 500;
const APPLICATIONS_MAX: usize = 50;

/// Every provider, and the hosts that may be in a private network.
#[derive(Debug, Clone, Default)]
pub struct SignInSettings {
    pub providers: Vec<ProviderSettings>,
    /// Hosts and networks of providers that are not on the public internet.
    pub private_hosts: HostList,
    /// Does nobody sign in with a password alone?
    pub require_passkey: bool,
}

/// One provider, and how it is spoken to.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    pub provider: Provider,
    pub kind: ProviderKind,
    pub client_id: String,
    /// Reference of the client's secret; none for a public client.
    pub client_secret: Option<String>,
    pub scopes: String,
    /// The claim that holds the groups.
    pub groups_claim: String,
    /// The claim that says what the provider's directory calls a person.
    pub directory_claim: DirectoryClaim,
    /// Client ids, at the provider, of the applications whose people agents may act for; none unless they are listed.
    pub applications: Vec<String>,
}

/// What a provider speaks.
#[derive(Debug, Clone)]
pub enum ProviderKind {
    OpenId,
    GitHub(GitHubSettings),
}

/// The claims that a directory's id of a person may be taken from. None other: people can change their address or name, and
/// would become whoever has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectoryClaim {
    /// The subject: Okta's id of a user, for one.
    #[default]
    Sub,
    /// The object id of Microsoft Entra, whose subjects differ from application to application.
    Oid,
}

impl DirectoryClaim {
    /// The claim's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sub => "sub",
            Self::Oid => "oid",
        }
    }
}

/// How a file says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    #[default]
    OpenId,
    GitHub,
}

/// The section's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawSignIn {
    providers: Vec<RawProvider>,
    private_hosts: Option<proxies::Written>,
    require_passkey: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProvider {
    id: String,
    #[serde(default)]
    kind: RawKind,
    label: String,
    /// GitHub's own where that is the kind.
    issuer: Option<String>,
    client_id: String,
    client_secret: Option<String>,
    scopes: Option<String>,
    groups_claim: Option<String>,
    directory_claim: Option<DirectoryClaim>,
    #[serde(default)]
    applications: Vec<String>,
    /// Of GitHub: whose people may come in.
    #[serde(default)]
    organisations: Vec<String>,
    #[serde(default)]
    new_people: bool,
    #[serde(default)]
    roles: Vec<RawRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    group: String,
    role: String,
    team: Option<String>,
}

const SCOPES: &str = "openid email profile groups";
const CLAIM: &str = "groups";

fn wrong(id: &str, problem: &str) -> ConfigError {
    ConfigError::wrong(PROVIDERS, format!("has `{id}`, which {problem}"))
}

impl SignInSettings {
    pub(super) fn checked(raw: RawSignIn, base_url: &str) -> Result<Self, ConfigError> {
        if raw.providers.len() > MOST {
            return Err(ConfigError::wrong(
                PROVIDERS,
                format!("has more than {MOST}"),
            ));
        }
        let mut providers: Vec<ProviderSettings> = Vec::new();
        for one in raw.providers {
            let one = one.checked()?;
            let twice = providers.iter().any(|other| {
                other.provider.id == one.provider.id || other.provider.issuer == one.provider.issuer
            });
            if twice {
                return Err(wrong(&one.provider.id, "is there twice, by id or issuer"));
            }
            providers.push(one);
        }
        let private_hosts = HostList::parse(raw.private_hosts).map_err(|entry| {
            let problem = format!("has `{entry}`; write host names, addresses or networks");
            ConfigError::wrong("sign_in.private_hosts", problem)
        })?;
        if raw.require_passkey && !passkeys::usable_at(base_url) {
            return Err(ConfigError::wrong(
                "sign_in.require_passkey",
                "needs a `base_url` that begins with https:// and has a host name, or is http://localhost: browsers offer passkeys nowhere else",
            ));
        }
        Ok(Self {
            providers,
            private_hosts,
            require_passkey: raw.require_passkey,
        })
    }

    /// The references of the clients' secrets: no agent may name them.
    pub fn references(&self) -> impl Iterator<Item = &String> {
        self.providers
            .iter()
            .filter_map(|provider| provider.client_secret.as_ref())
    }
}

impl RawProvider {
    fn checked(self) -> Result<ProviderSettings, ConfigError> {
        let id = self.id.clone();
        if check_slug(&id).is_err() {
            return Err(wrong(
                &id,
                "is no short name; use lower-case letters, digits and hyphens",
            ));
        }
        if self.label.trim().is_empty() || self.label.chars().count() > 40 {
            return Err(wrong(&id, "needs a `label` of 40 characters at the most"));
        }
        let is_reference = |text: &String| text.starts_with("env:") || text.starts_with("file:");
        if self
            .client_secret
            .as_ref()
            .is_some_and(|text| !is_reference(text))
        {
            return Err(wrong(
                &id,
                "has a secret in place of its reference; write env:NAME and put it into that variable",
            ));
        }
        let settings = match self.kind {
            RawKind::OpenId => self.open_id()?,
            RawKind::GitHub => github::checked(self)?,
        };
        let texts = [
            &settings.client_id,
            &settings.scopes,
            &settings.groups_claim,
        ];
        for text in texts.into_iter().chain(&settings.applications) {
            if text.trim().is_empty() || text.len() > TEXT_MAX {
                return Err(wrong(&id, "has an empty or overlong text"));
            }
        }
        Ok(settings)
    }

    fn open_id(self) -> Result<ProviderSettings, ConfigError> {
        let id = self.id;
        let issuer = self.issuer.ok_or_else(|| wrong(&id, "lacks an `issuer`"))?;
        check_issuer(&id, &issuer)?;
        if self.applications.len() > APPLICATIONS_MAX {
            return Err(wrong(&id, "lists more than 50 `applications`"));
        }
        if !self.organisations.is_empty() {
            return Err(wrong(&id, "has `organisations`, which are GitHub's"));
        }
        let scopes = self.scopes.unwrap_or_else(|| SCOPES.to_owned());
        if !scopes.split(' ').any(|scope| scope == "openid") {
            return Err(wrong(&id, "lacks the scope `openid`"));
        }
        let rules = self.roles.into_iter().map(|rule| rule.checked(&id));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        Ok(ProviderSettings {
            provider: Provider {
                label: self.label.trim().to_owned(),
                issuer,
                new_people: self.new_people,
                asks_anew: true,
                rules,
                id,
            },
            kind: ProviderKind::OpenId,
            client_id: self.client_id,
            client_secret: self.client_secret,
            scopes,
            groups_claim: self.groups_claim.unwrap_or_else(|| CLAIM.to_owned()),
            directory_claim: self.directory_claim.unwrap_or_default(),
            applications: self.applications,
        })
    }
}

impl RawRule {
    fn checked(self, id: &str) -> Result<GroupRule, ConfigError> {
        let role: Role = self
            .role
            .parse()
            .map_err(|_| wrong(id, &format!("gives the unknown role `{}`", self.role)))?;
        if self
            .team
            .as_ref()
            .is_some_and(|team| check_slug(team).is_err())
        {
            return Err(wrong(id, "names a team that is no short name"));
        }
        if self.group.trim().is_empty() || self.group.len() > TEXT_MAX {
            return Err(wrong(id, "has a rule without a group"));
        }
        Ok(GroupRule {
            group: self.group,
            role,
            team: self.team,
        })
    }
}

fn check_issuer(id: &str, text: &str) -> Result<(), ConfigError> {
    check_issuer_of(PROVIDERS, id, text)
}

/// Who somebody is travels there and back, so the way is encrypted unless it stays on this machine.
pub(super) fn check_issuer_of(key: &'static str, id: &str, text: &str) -> Result<(), ConfigError> {
    let wrong = |problem: &str| ConfigError::wrong(key, format!("has `{id}`, which {problem}"));
    let url = Url::parse(text).map_err(|_| wrong("has an `issuer` that is no address"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && text.len() <= TEXT_MAX;
    if !bare {
        return Err(wrong("has an `issuer` with more than a host and a path"));
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback_host(host) => Ok(()),
        _ => Err(wrong("has an `issuer` that does not begin with https://")),
    }
}
