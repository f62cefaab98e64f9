//! The one place that reads this process's environment: settings that pip and Python read themselves.
//!
//! They are passed to the child as they are and configure nothing of ours.

use std::ffi::OsString;

#[expect(
    clippy::disallowed_methods,
    reason = "these are the child's settings, such as its package index, not configuration of Clearance"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
