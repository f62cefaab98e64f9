//! The little that this crate takes from its surroundings besides files: three inherited variables, the role of a
//! new process, and the time of day. Owns the only such calls; refuses to be a place for configuration.

use std::ffi::OsString;
use std::time::{SystemTime, UNIX_EPOCH};

/// All that an agent (and a supervisor) inherits.
pub(crate) const INHERITED: [&str; 3] = ["PATH", "LANG", "TZ"];

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is how a parent tells a process its role; it is no configuration"
)]
pub(crate) fn variable(key: &str) -> Option<OsString> {
    std::env::var_os(key)
}

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the supervisor is a process of its own: no clock port reaches it"
)]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
