//! Makes ids. The only place that does, so that tests and reviewers know where randomness comes from.

use uuid::Uuid;

/// A UUID of version 7: unique, and sorted by time, which keeps indexes dense.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that makes ids"
)]
pub(crate) fn new() -> Uuid {
    Uuid::now_v7()
}

/// `N` random bytes from the operating system.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
