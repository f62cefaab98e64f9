//! The sections of the configuration, with their defaults.

use serde::Deserialize;

/// Bounds on fetching repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FetchLimits {
    /// Most bytes of a checked-out tree.
    pub max_bytes: u64,
    /// Most files of a checked-out tree.
    pub max_files: u64,
    /// Longest time of one git command.
    pub timeout_seconds: u64,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            max_bytes: 500_000_000,
            max_files: 20_000,
            timeout_seconds: 120,
        }
    }
}

/// How git hosts are reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitSettings {
    /// Reference of the token for repositories on GitHub, `env:NAME` or `file:name`; never the token itself.
    pub github_token: Option<String>,
    /// Reference of the token for repositories on Azure DevOps.
    pub azure_token: Option<String>,
    /// Address of GitHub's API.
    pub github_api: String,
    /// Address of Azure DevOps' API.
    pub azure_api: String,
    /// May the APIs be in a private network, and without TLS?
    pub allow_private_hosts: bool,
}

impl Default for GitSettings {
    fn default() -> Self {
        Self {
            github_token: None,
            azure_token: None,
            github_api: "https://api.github.com".to_owned(),
            azure_api: "https://dev.azure.com".to_owned(),
            allow_private_hosts: false,
        }
    }
}

/// How long people stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionLimits {
    /// A session ends after so long without a request.
    pub idle_minutes: u32,
    /// A session ends so long after sign-in, whatever happens.
    pub absolute_hours: u32,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            idle_minutes: 60,
            absolute_hours: 12,
        }
    }
}

impl SessionLimits {
    /// Seconds without a request.
    #[must_use]
    pub fn idle_seconds(&self) -> i64 {
        i64::from(self.idle_minutes) * 60
    }

    /// Seconds since sign-in.
    #[must_use]
    pub fn absolute_seconds(&self) -> i64 {
        i64::from(self.absolute_hours) * 3_600
    }
}

/// How long agents may act, and what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessLimits {
    /// How many days access events are kept.
    pub keep_days: u32,
    /// How long an agent whose owner has left may go on acting, hours.
    pub owner_grace_hours: u32,
    /// How many access events one reporter may send in a minute.
    pub events_per_minute: u32,
}

impl Default for AccessLimits {
    fn default() -> Self {
        Self {
            keep_days: domain::access_event::KEPT_DAYS,
            owner_grace_hours: domain::identity::OWNER_GRACE_HOURS,
            events_per_minute: domain::access_event::PER_MINUTE,
        }
    }
}

/// Bounds on webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookLimits {
    /// Most megabytes of webhook bodies held in memory at once, over all callers.
    pub max_in_flight_mb: u32,
}

impl Default for WebhookLimits {
    fn default() -> Self {
        Self {
            max_in_flight_mb: 128,
        }
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}
