//! The names of all settings, so that a misspelt variable is no setting.

use super::PREFIX;

/// Every setting, in the spelling of the file. A variable is `CLEARANCE_` and the name in capitals, sections joined by
/// two underscores: `CLEARANCE_SESSION__IDLE_MINUTES`.
const KEYS: [&str; 68] = [
    "addr",
    "base_url",
    "trusted_proxies",
    "data_dir",
    "database_url",
    "log_origin",
    "poll_seconds",
    "concurrency",
    "allow_local_repositories",
    "log_format",
    "log_filter",
    "fetch__max_bytes",
    "fetch__max_files",
    "fetch__timeout_seconds",
    "session__idle_minutes",
    "session__absolute_hours",
    "webhooks__max_in_flight_mb",
    "access__keep_days",
    "access__owner_grace_hours",
    "access__events_per_minute",
    "metrics",
    "python",
    "advisories_dir",
    "advisories_sample",
    "scanners__engines",
    "scanners__matcher",
    "scanners__matcher_cache",
    "scanners__semgrep_rules",
    "scanners__secret_rules",
    "scanners__max_age_days",
    "scanners__network",
    "scanners__seconds",
    "git__github_token",
    "git__azure_token",
    "git__github_api",
    "git__azure_api",
    "git__allow_private_hosts",
    "mail__host",
    "mail__port",
    "mail__security",
    "mail__user",
    "mail__password",
    "mail__from",
    "channel_hosts",
    "audit_log__quorum",
    "audit_log__private_hosts",
    "audit_log__anchors__mail",
    "audit_log__anchors__git__repository",
    "audit_log__anchors__git__branch",
    "audit_log__anchors__git__every_minutes",
    "judge__endpoint",
    "judge__model",
    "judge__family",
    "judge__key",
    "judge__calibration",
    "judge__seconds",
    "judge__max_questions",
    "identities__non_prod",
    "identities__production",
    "identities__okta__org_url",
    "identities__okta__client_id",
    "identities__okta__private_key",
    "identities__okta__key_id",
    "identities__okta__authorization_server",
    "identities__okta__label",
    "identities__okta__ai_agents",
    "registry__model",
    "registry__near",
];

/// Is this variable a setting?
pub(super) fn is_key(variable: &str) -> bool {
    variable.strip_prefix(PREFIX).is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        KEYS.contains(&name.as_str()) || (cfg!(debug_assertions) && name == "test_clock")
    })
}
