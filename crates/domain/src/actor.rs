//! Who acts: a person, an API token of a person, an agent, or Clearance itself.

use serde::{Deserialize, Serialize};

use crate::id::{TeamId, TokenId, UserId};
use crate::state::words;

words! {
    /// What a person may do, in one team or in all.
    Role as "role" {
        /// Reads.
        Viewer = "viewer",
        /// Onboards agents, starts deployments and promotions.
        Developer = "developer",
        /// Decides approvals.
        Approver = "approver",
        /// Rolls back, cancels, decommissions, revokes.
        Operator = "operator",
        /// Reads everything, exports evidence, changes nothing.
        Auditor = "auditor",
        /// Manages people, teams and connections. Not exempt from any separation of duties.
        Administrator = "administrator",
    }
}

impl Role {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Developer => "Developer",
            Self::Approver => "Approver",
            Self::Operator => "Operator",
            Self::Auditor => "Auditor",
            Self::Administrator => "Administrator",
        }
    }
}

/// One role, in one team or (with `team` empty) in every team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Role,
    pub team: Option<TeamId>,
}

/// Who is behind a request or a worker's step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person with a session.
    User {
        id: UserId,
        name: String,
        email: String,
        grants: Vec<Grant>,
    },
    /// A person's API token: the same person, never more than the token's scopes.
    Token {
        id: TokenId,
        user: UserId,
        name: String,
        email: String,
        grants: Vec<Grant>,
        scopes: Vec<TokenScope>,
    },
    /// Clearance itself: a worker, named.
    System { worker: String },
    /// Somebody outside whom nobody has authenticated yet: a webhook caller, a sign-in attempt.
    Anonymous,
}

words! {
    /// What an API token may be used for. A token can never decide an approval.
    TokenScope as "token scope" {
        Read = "read",
        Write = "write",
        /// Asks whether agents may act, and reports what they did. For the programs that agents call; it reads nothing else.
        Access = "access",
    }
}

impl Actor {
    /// Stable id for the audit log.
    #[must_use]
    pub fn audit_id(&self) -> String {
        match self {
            Self::User { id, .. } => id.to_string(),
            Self::Token { id, .. } => id.to_string(),
            Self::System { worker } => worker.clone(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    /// Kind for the audit log.
    #[must_use]
    pub const fn audit_kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Token { .. } => "token",
            Self::System { .. } => "system",
            Self::Anonymous => "anonymous",
        }
    }

    /// The name people read.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::Token { name, .. } => name,
            Self::System { .. } => "Clearance",
            Self::Anonymous => "Somebody outside",
        }
    }

    /// The person behind it, if there is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::Token { user, .. } => Some(*user),
            Self::System { .. } | Self::Anonymous => None,
        }
    }

    /// The roles this actor holds for a team's things (`None`: things of no team).
    #[must_use]
    pub fn roles(&self, team: Option<TeamId>) -> Vec<Role> {
        match self {
            Self::User { grants, .. } | Self::Token { grants, .. } => grants
                .iter()
                .filter(|g| g.team.is_none() || (team.is_some() && g.team == team))
                .map(|g| g.role)
                .collect(),
            Self::System { .. } | Self::Anonymous => Vec::new(),
        }
    }
}
