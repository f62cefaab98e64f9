//! Who is looking at the page, and what the frame around it shows.

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, Role};
use crate::state::words;
use crate::view::elevation::ActiveElevation;
use crate::view::sign_in::ProviderRow;

words! {
    /// Colour theme, from a cookie.
    Theme as "theme" {
        System = "system",
        Light = "light",
        Dark = "dark",
    }
}

words! {
    /// How close the rows of tables are, from a cookie.
    Density as "density" {
        Comfortable = "comfortable",
        Compact = "compact",
    }
}

impl Density {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Comfortable => "Comfortable",
            Self::Compact => "Compact",
        }
    }
}

/// What the shell around every page needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// `Actor::Anonymous` before sign-in.
    pub actor: Actor,
    /// True until the first administrator exists.
    pub first_run: bool,
    /// Approvals that wait for this person.
    pub waiting_for_you: u64,
    pub deployments_in_progress: u64,
    pub agents: u64,
    /// What is not as it should be, in the teams that the person sees.
    pub open_findings: u64,
    pub chain: ChainState,
    /// Roles that this person holds for now.
    pub elevations: Vec<ActiveElevation>,
    /// Where one can sign in beside the password.
    pub providers: Vec<ProviderRow>,
    /// The provider that this session came from: it can prove the person again.
    pub through: Option<ProviderRow>,
    /// Can a passkey of theirs prove them again?
    pub passkey: bool,
    /// Server time, RFC 3339.
    pub now: String,
}

/// State of the audit log as the foot of the sidebar shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainState {
    /// Events in the log.
    pub size: u64,
    /// Size and time (RFC 3339) of the last signed checkpoint.
    pub checkpoint_size: u64,
    pub checkpoint_at: Option<String>,
    /// False when the last self-check found a difference; then the index of the first bad event.
    pub intact: bool,
    pub broken_at: Option<u64>,
    /// How far the witnesses are; `None` where nobody is asked.
    pub witnessed: Option<Witnessed>,
}

/// How far enough of the witnesses of the log are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Witnessed {
    /// Size of the newest checkpoint that enough of them have seen; 0 before the first.
    pub size: u64,
    /// When the last of these had, RFC 3339, by its own clock.
    pub at: Option<String>,
    /// How many have seen it, of how many who are asked, and how many it takes.
    pub by: usize,
    pub of: usize,
    pub quorum: usize,
    /// Since when too few of them have seen what is new, RFC 3339; `None` while they keep up.
    pub late_since: Option<String>,
}

/// One person of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub roles: Vec<HeldRole>,
    /// Further addresses that git knows them by.
    pub git_emails: Vec<String>,
    /// When a directory said that they left, RFC 3339.
    pub deactivated_at: Option<String>,
}

/// A standing role of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRole {
    /// Id of the grant.
    pub grant: String,
    pub role: Role,
    /// Slug; `None` for every team.
    pub team: Option<String>,
    /// The sign-in provider that gave it; `None` where a person did.
    pub provider: Option<String>,
}

/// "Approver in customer-care", "Administrator".
impl std::fmt::Display for HeldRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let role = self.role.label();
        match &self.team {
            Some(team) => write!(f, "{role} in {team}"),
            None => f.write_str(role),
        }?;
        match &self.provider {
            Some(provider) => write!(f, " (by {provider})"),
            None => Ok(()),
        }
    }
}

/// One team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRow {
    pub id: String,
    pub slug: String,
    pub name: String,
}

/// A token that was just made. The only time its text is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    pub id: String,
    pub name: String,
    pub text: String,
    pub expires_at: String,
}
