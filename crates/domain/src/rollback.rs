//! What to go back to.

use crate::deployment::DeploymentState;

/// A past deployment of the same agent and environment, newest first in every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub number: i64,
    pub state: DeploymentState,
    /// It was live once, so it was verified.
    pub was_live: bool,
    /// Its version is held after a rollback.
    pub held: bool,
}

/// The deployment to restore when `live` is rolled back: the newest earlier one that was verified live, is not
/// the same version's hold, and was not itself rolled back.
#[must_use]
pub fn target(live: i64, history: &[Past]) -> Option<i64> {
    history
        .iter()
        .filter(|p| {
            p.number < live && p.was_live && !p.held && p.state != DeploymentState::RolledBack
        })
        .map(|p| p.number)
        .max()
}
