//! The filters of the deployments, as they stand in addresses.

use serde::{Deserialize, Serialize};

use crate::state::words;

words! {
    /// What is known of something that is live, beside that it is: each is a figure of the overview, and the list behind it.
    Mark as "mark" {
        /// Its runtime is unhealthy or stopped.
        Unhealthy = "unhealthy",
        /// Of production: nobody approved its manifest, and nobody broke the glass for it.
        WithoutApproval = "without_approval",
        /// Of the policy in force.
        NotComplying = "not_complying",
        RollbackReady = "rollback_ready",
        /// There is something to go back to, and it is not ready.
        RollbackNotReady = "rollback_not_ready",
        /// Nobody looked at its way back yet, or a part did not answer.
        RollbackUnchecked = "rollback_unchecked",
    }
}

impl Mark {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unhealthy => "Not healthy",
            Self::WithoutApproval => "Live without an approval",
            Self::NotComplying => "No longer complying",
            Self::RollbackReady => "Rollback ready",
            Self::RollbackNotReady => "Rollback not ready",
            Self::RollbackUnchecked => "Way back not looked at yet",
        }
    }
}

/// Filters of the deployment list. Empty ones narrow nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentQuery {
    /// Slug of an agent.
    pub agent: String,
    /// Word of a state, or `in_progress`.
    pub state: String,
    pub environment: String,
    /// Word of a mark: of what is live, only what has it.
    pub mark: String,
    /// Word of a gate that passed.
    pub passed: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

impl DeploymentQuery {
    /// The filters that are set, by their names in an address.
    #[must_use]
    pub fn filters(&self) -> Vec<(&'static str, &str)> {
        [
            ("agent", self.agent.as_str()),
            ("state", &self.state),
            ("environment", &self.environment),
            ("mark", &self.mark),
            ("passed", &self.passed),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
    }
}
