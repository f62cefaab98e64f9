//! The one place of the adapters that reads this process's environment: what child programs need to work at all, and
//! the secrets that references of the form `env:NAME` point to. None of it is configuration of ours.

use std::ffi::OsString;

/// One variable of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "these are settings of child programs and secrets named by reference, not configuration"
)]
pub(super) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
