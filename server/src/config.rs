//! Configuration: `clearance.toml`, overridden by `CLEARANCE_*` variables, overridden by the command line. Read once,
//! typed, passed down. Refuses keys that it does not know: a misspelt setting must not be ignored.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

mod audit_log;
mod ci;
mod hosts;
mod identities;
mod judge;
mod keys;
mod mail;
mod proxies;
mod registry;
mod scanners;
mod sections;
mod sign_in;

pub use audit_log::{AuditLogSettings, GitAnchor, WitnessSettings};
pub use ci::{CiIssuer, CiSettings};
pub use hosts::HostList;
pub use identities::{IdentityProviderKind, IdentitySettings, OktaSettings};
pub use judge::JudgeSettings;
use keys::is_key;
pub use mail::{MailSecurity, MailSettings};
pub use proxies::TrustedProxies;
pub use registry::{ModelSettings, RegistrySettings};
pub use scanners::{Advisories, ScannerSettings};
pub use sections::{
    AccessLimits, FetchLimits, GitSettings, LogFormat, SessionLimits, WebhookLimits,
};
pub use sign_in::{DirectoryClaim, GitHubSettings, ProviderKind, ProviderSettings, SignInSettings};

/// Name of the file that is read from the working folder when no other is named.
const FILE: &str = "clearance.toml";
const PREFIX: &str = "CLEARANCE_";
/// An expired cookie is no suspicious activity, whatever the session library thinks of it.
const LOG_FILTER: &str =
    "info,sqlx=warn,sea_orm_migration=warn,tower_sessions=error,tower_sessions_core=error";

/// What the operator configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens.
    pub addr: SocketAddr,
    /// Address people open, without a trailing slash.
    pub base_url: String,
    /// Who is believed when they say, by `X-Forwarded-For`, whom they speak for.
    pub trusted_proxies: TrustedProxies,
    /// Folder of everything that is kept: the database, keys, images, running agents. Absolute.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`. May hold a password, so it is never printed.
    pub database_url: SecretString,
    /// Name of the audit log in its checkpoints; made on the first start when it is not set.
    pub log_origin: Option<String>,
    /// How often branch heads are polled, seconds.
    pub poll_seconds: u64,
    /// How many deployments one process advances at the same time.
    pub concurrency: usize,
    /// May agents come from repositories in folders of this machine?
    pub allow_local_repositories: bool,
    /// Bounds on fetching repositories.
    pub fetch: FetchLimits,
    /// How git hosts are reached.
    pub git: GitSettings,
    /// The mail server; without a host no mail is sent.
    pub mail: MailSettings,
    /// Hosts and networks of channels that may be private, and spoken to without TLS.
    pub channel_hosts: HostList,
    /// Who outside keeps the heads of the audit log.
    pub audit_log: AuditLogSettings,
    /// What agents are compared by beside their words.
    pub registry: RegistrySettings,
    /// The interpreter that installs packages and runs agents: a command or a path.
    pub python: String,
    /// What packages are compared with.
    pub advisories: Advisories,
    /// Engines of the file gates beside our own.
    pub scanners: ScannerSettings,
    /// The model that is asked what engines leave open; none where it is not configured.
    pub judge: Option<JudgeSettings>,
    /// Who may say who somebody is.
    pub sign_in: SignInSettings,
    /// Whose tokens service accounts may trust.
    pub ci: CiSettings,
    /// Who provides agents' identities.
    pub identities: IdentitySettings,
    /// How long people stay signed in.
    pub session: SessionLimits,
    /// Bounds on webhooks.
    pub webhooks: WebhookLimits,
    /// How long access events are kept.
    pub access: AccessLimits,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written, in the syntax of `tracing`: `info`, `info,control_plane=debug`.
    pub log_filter: String,
    /// Is `/metrics` served? It tells rates and durations, no names and no content.
    pub metrics: bool,
    /// Development builds only: a file with the seconds by which the clock is put forward.
    #[cfg(debug_assertions)]
    pub test_clock: Option<PathBuf>,
    /// Variables that begin like ours and name no setting: probably misspelt.
    pub unknown_variables: Vec<String>,
}

/// What the command line says; it wins over the file and the variables.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Another file than `clearance.toml`; it must exist.
    pub file: Option<PathBuf>,
    /// Where to listen.
    pub addr: Option<SocketAddr>,
    /// Where to keep everything.
    pub data_dir: Option<PathBuf>,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or a value cannot be read.
    #[error("the configuration cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A value makes no sense.
    #[error("the configuration is wrong: `{key}` {problem}")]
    Wrong {
        /// Which setting.
        key: &'static str,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

impl ConfigError {
    fn wrong(key: &'static str, problem: impl Into<String>) -> Self {
        Self::Wrong {
            key,
            problem: problem.into(),
        }
    }
}

/// The file's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    addr: Option<String>,
    base_url: Option<String>,
    trusted_proxies: Option<proxies::Written>,
    data_dir: Option<PathBuf>,
    database_url: Option<SecretString>,
    log_origin: Option<String>,
    poll_seconds: Option<u64>,
    concurrency: Option<usize>,
    allow_local_repositories: Option<bool>,
    log_format: Option<LogFormat>,
    log_filter: Option<String>,
    metrics: Option<bool>,
    python: Option<String>,
    advisories_dir: Option<PathBuf>,
    #[cfg(debug_assertions)]
    test_clock: Option<PathBuf>,
    advisories_sample: Option<bool>,
    scanners: scanners::RawScanners,
    judge: judge::RawJudge,
    git: GitSettings,
    mail: MailSettings,
    channel_hosts: Option<proxies::Written>,
    fetch: FetchLimits,
    session: SessionLimits,
    sign_in: sign_in::RawSignIn,
    ci: ci::RawCi,
    audit_log: audit_log::RawAuditLog,
    registry: registry::RawRegistry,
    identities: identities::RawIdentities,
    webhooks: WebhookLimits,
    access: AccessLimits,
}

impl Config {
    /// Reads the file, the variables and the command line.
    ///
    /// # Errors
    /// [`ConfigError`]: an unreadable file, an unknown key, a value that makes no sense.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::from_parts(
            overrides,
            std::env::vars()
                .filter(|(name, _)| name.starts_with(PREFIX))
                .collect(),
        )
    }

    /// Like [`Self::load`], with the variables given.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn from_parts(
        overrides: &Overrides,
        variables: Vec<(String, String)>,
    ) -> Result<Self, ConfigError> {
        let named = variables
            .iter()
            .find(|(name, _)| name == "CLEARANCE_CONFIG")
            .map(|(_, value)| PathBuf::from(value));
        let file = overrides.file.clone().or(named);
        let source = match &file {
            Some(path) => config::File::from(path.as_path()).format(config::FileFormat::Toml),
            None => config::File::from(Path::new(FILE))
                .format(config::FileFormat::Toml)
                .required(false),
        };
        let (known, unknown): (Vec<_>, Vec<_>) =
            variables.into_iter().partition(|(name, _)| is_key(name));
        let environment = config::Environment::with_prefix("CLEARANCE")
            .prefix_separator("_")
            .separator("__")
            .ignore_empty(true)
            .source(Some(known.into_iter().collect()));
        let raw: Raw = config::Config::builder()
            .add_source(source)
            .add_source(environment)
            .build()?
            .try_deserialize()?;
        let mut config = raw.resolve(overrides)?;
        config.unknown_variables = unknown
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| is_suspicious(name))
            .collect();
        Ok(config)
    }

    /// Is the site served over https? Then cookies are secure and browsers are told to insist.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Host and port of the base address, as they stand in it.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.base_url.split_once("://").map_or("", |(_, rest)| rest)
    }

    /// Does only this machine reach the server?
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.addr.ip().is_loopback() && is_loopback_url(&self.base_url)
    }

    /// Folder of the keys.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// Longest time of one git command.
    #[must_use]
    pub fn fetch_timeout(&self) -> Duration {
        Duration::from_secs(self.fetch.timeout_seconds)
    }
}

impl Raw {
    fn resolve(self, overrides: &Overrides) -> Result<Config, ConfigError> {
        let addr = match overrides.addr {
            Some(addr) => addr,
            None => parse_addr(self.addr.as_deref().unwrap_or("127.0.0.1:3000"))?,
        };
        let base_url = match &self.base_url {
            Some(url) => checked_base_url(url)?,
            None => default_base_url(addr),
        };
        let asked = overrides
            .data_dir
            .clone()
            .or(self.data_dir)
            .unwrap_or_else(|| PathBuf::from("data"));
        let data_dir = std::path::absolute(&asked)
            .map_err(|e| ConfigError::wrong("data_dir", format!("is no folder: {e}")))?;
        let database_url = match self.database_url {
            Some(url) => url,
            None => SecretString::from(format!(
                "sqlite://{}?mode=rwc",
                data_dir.join("clearance.db").display()
            )),
        };
        let local = addr.ip().is_loopback() && is_loopback_url(&base_url);
        let sign_in = SignInSettings::checked(self.sign_in, &base_url)?;
        let mail = mail::checked(self.mail)?;
        let config = Config {
            addr,
            base_url,
            trusted_proxies: checked_proxies(self.trusted_proxies)?,
            data_dir,
            database_url,
            log_origin: self.log_origin,
            poll_seconds: self.poll_seconds.unwrap_or(60),
            concurrency: self.concurrency.unwrap_or(4),
            allow_local_repositories: self.allow_local_repositories.unwrap_or(local),
            fetch: self.fetch,
            git: checked_git(self.git)?,
            audit_log: AuditLogSettings::checked(self.audit_log, mail.host.is_some())?,
            mail,
            registry: RegistrySettings::checked(self.registry)?,
            channel_hosts: HostList::parse(self.channel_hosts).map_err(|entry| {
                ConfigError::wrong(
                    "channel_hosts",
                    format!("has `{entry}`; write host names, addresses or networks"),
                )
            })?,
            python: self.python.unwrap_or_else(|| "python3".to_owned()),
            advisories: Advisories::of(
                self.advisories_dir,
                self.advisories_sample.unwrap_or(false),
            ),
            scanners: ScannerSettings::checked(self.scanners)?,
            judge: JudgeSettings::checked(self.judge)?,
            session: self.session,
            sign_in,
            ci: CiSettings::checked(self.ci)?,
            identities: IdentitySettings::checked(self.identities)?,
            webhooks: self.webhooks,
            access: self.access,
            log_format: self.log_format.unwrap_or_else(default_log_format),
            log_filter: self.log_filter.unwrap_or_else(|| LOG_FILTER.to_owned()),
            metrics: self.metrics.unwrap_or(true),
            #[cfg(debug_assertions)]
            test_clock: self.test_clock,
            unknown_variables: Vec::new(),
        };
        check_ranges(&config)?;
        Ok(config)
    }
}

fn checked_proxies(written: Option<proxies::Written>) -> Result<TrustedProxies, ConfigError> {
    TrustedProxies::parse(written).map_err(|entry| {
        ConfigError::wrong(
            "trusted_proxies",
            format!("has `{entry}`; write addresses or networks, such as 10.0.0.0/8"),
        )
    })
}

/// A token written in place of its reference would end up in logs and messages.
fn checked_git(git: GitSettings) -> Result<GitSettings, ConfigError> {
    for (key, reference) in [
        ("git.github_token", &git.github_token),
        ("git.azure_token", &git.azure_token),
    ] {
        if reference
            .as_ref()
            .is_some_and(|text| !text.starts_with("env:") && !text.starts_with("file:"))
        {
            return Err(ConfigError::wrong(
                key,
                "is no reference; write env:NAME and put the token into that variable",
            ));
        }
    }
    Ok(git)
}

fn check_ranges(config: &Config) -> Result<(), ConfigError> {
    let ranges = [
        ("poll_seconds", config.poll_seconds, 1, 86_400),
        (
            "concurrency",
            u64::try_from(config.concurrency).unwrap_or(u64::MAX),
            1,
            64,
        ),
        (
            "session.idle_minutes",
            u64::from(config.session.idle_minutes),
            1,
            10_080,
        ),
        (
            "session.absolute_hours",
            u64::from(config.session.absolute_hours),
            1,
            720,
        ),
        (
            "access.keep_days",
            u64::from(config.access.keep_days),
            1,
            3_650,
        ),
        (
            "access.owner_grace_hours",
            u64::from(config.access.owner_grace_hours),
            1,
            8_760,
        ),
        (
            "access.events_per_minute",
            u64::from(config.access.events_per_minute),
            60,
            1_000_000,
        ),
        (
            "webhooks.max_in_flight_mb",
            u64::from(config.webhooks.max_in_flight_mb),
            26,
            4_096,
        ),
        (
            "fetch.timeout_seconds",
            config.fetch.timeout_seconds,
            1,
            3_600,
        ),
        ("fetch.max_files", config.fetch.max_files, 1, 1_000_000),
        (
            "fetch.max_bytes",
            config.fetch.max_bytes,
            1,
            100_000_000_000,
        ),
    ];
    for (key, value, min, max) in ranges {
        if !(min..=max).contains(&value) {
            return Err(ConfigError::wrong(
                key,
                format!("is {value}; it must lie between {min} and {max}"),
            ));
        }
    }
    Ok(())
}

fn parse_addr(text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError::wrong(
            "addr",
            format!("is `{text}`; write an IP address and a port, such as 127.0.0.1:3000"),
        )
    })
}

/// People on this machine open `localhost` also where the server listens on every address.
fn default_base_url(addr: SocketAddr) -> String {
    if addr.ip().is_unspecified() {
        format!("http://localhost:{}", addr.port())
    } else {
        format!("http://{addr}")
    }
}

fn checked_base_url(text: &str) -> Result<String, ConfigError> {
    let wrong = |problem: &str| {
        ConfigError::wrong(
            "base_url",
            format!("{problem}; write only scheme and host, such as https://clearance.example.com"),
        )
    };
    let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is neither http nor https"));
    }
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare {
        return Err(wrong("has more than a host and a port"));
    }
    Ok(url.origin().ascii_serialization())
}

fn is_loopback_url(base_url: &str) -> bool {
    Url::parse(base_url).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

fn is_loopback_host(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn default_log_format() -> LogFormat {
    use std::io::IsTerminal as _;
    if std::io::stderr().is_terminal() {
        LogFormat::Text
    } else {
        LogFormat::Json
    }
}

/// Variables of ours that are no settings: secrets that agents and connections refer to, the command line's password,
/// tests.
fn is_suspicious(variable: &str) -> bool {
    const OTHERS: [&str; 7] = [
        "CONFIG", "PASSWORD", "SECRET", "TEST_", "BIN", "CI_", "RUNTIME",
    ];
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
    !OTHERS
        .iter()
        .any(|other| name.starts_with(other) || name.ends_with(other))
}
#[cfg(test)]
mod tests;
