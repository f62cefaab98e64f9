//! What is missing before an agent's first deployment, what its repository holds, and how its webhook is set up.

use serde::{Deserialize, Serialize};

use crate::agent::Risk;
use crate::connection::ConnectionKind;
use crate::detection::{Detected, LookProblem, LookState, SetupItem};

/// Everything that the set-up page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setup {
    pub agent: String,
    pub team_id: String,
    pub repository: String,
    pub branch: String,
    /// Empty for the root.
    pub path: String,
    pub decommissioned: bool,
    /// None where nobody had it looked at.
    pub look: Option<Look>,
    pub checklist: Vec<SetupItem>,
    /// Number of the first deployment, or of the one that came after it.
    pub deployment: Option<i64>,
    pub webhook: Webhook,
    /// The risk that the proposal is for.
    pub risk: Risk,
    /// The proposed `clearance.yaml`; none before something was found.
    pub proposal: Option<String>,
}

/// The newest look at the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Look {
    pub state: LookState,
    pub ordered_at: String,
    /// Tries of the one that is under way.
    pub attempts: i32,
    pub looked_at: Option<String>,
    /// The commit that was read.
    pub commit: Option<String>,
    /// The branch points at another commit by now.
    pub behind: bool,
    pub problem: Option<LookProblem>,
    /// What the git host said.
    pub detail: Option<String>,
    pub found: Option<Detected>,
}

/// How the webhook of the connection is set up on the git host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// Slug of the connection.
    pub connection: String,
    pub kind: ConnectionKind,
    pub url: String,
    /// Where its secret is kept; empty for who reads in one team alone.
    pub secret_reference: String,
    /// When a delivery about this agent last came in.
    pub last_delivery_at: Option<String>,
}

/// For which risk a manifest is proposed, as an address says it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SetupQuery {
    /// `low`, `medium` or `high`; else what its manifest declares, else medium.
    #[serde(default)]
    pub risk: String,
}
