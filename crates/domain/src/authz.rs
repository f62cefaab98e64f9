//! Who may do what. One pure function: the server enforces it, the browser calls the same one to explain a button.

use crate::actor::{Actor, Role, TokenScope};
use crate::id::TeamId;
use crate::state::words;

words! {
    /// The few things anybody can do to anything.
    Action as "action" {
        Read = "read",
        Create = "create",
        Modify = "modify",
        Deploy = "deploy",
        Decide = "decide",
        Rollback = "rollback",
        Export = "export",
        Administer = "administer",
        Waive = "waive",
    }
}

impl Action {
    /// Words for "you may not …".
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Read => "see this",
            Self::Create => "onboard agents",
            Self::Modify => "change this",
            Self::Deploy => "start or promote deployments",
            Self::Decide => "decide approvals",
            Self::Rollback => "roll back, cancel or decommission",
            Self::Export => "export evidence",
            Self::Administer => "administer Clearance",
            Self::Waive => "waive findings",
        }
    }

    /// The roles that carry this action.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Read => Role::ALL,
            Self::Create | Self::Modify | Self::Deploy => {
                &[Role::Developer, Role::Operator, Role::Administrator]
            }
            Self::Decide => &[Role::Approver],
            Self::Rollback => &[Role::Operator, Role::Administrator],
            Self::Export => &[Role::Auditor, Role::Administrator],
            Self::Administer => &[Role::Administrator],
            // The policy says which of them (`WaiverRules`).
            Self::Waive => &[Role::Approver, Role::Operator, Role::Administrator],
        }
    }
}

/// What asking a live agent needs: its tools act for real, so it is not reading. The server enforces it, and a page shows
/// its form to those alone whom the same word lets pass.
pub const ASK: Action = Action::Deploy;

/// What the decision needs to know of the thing acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The team that owns it; `None` for things of the whole organisation.
    pub team: Option<TeamId>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Allowed,
    /// Sign in first.
    Unauthenticated,
    /// Signed in, but none of the roles that carry the action in this team.
    Refused,
}

/// May `actor` do `action` to a thing with these facts?
///
/// Separation of duties is not decided here but where the approval is known: [`crate::approval::may_decide`].
#[must_use]
pub fn can(actor: &Actor, action: Action, facts: Facts) -> Access {
    match actor {
        Actor::Anonymous => return Access::Unauthenticated,
        // Workers act for facts already decided by people and rules; they never decide an approval or waive a finding.
        Actor::System { .. } => {
            return if matches!(action, Action::Decide | Action::Administer | Action::Waive) {
                Access::Refused
            } else {
                Access::Allowed
            };
        }
        Actor::Token { scopes, .. } => {
            let needed = if matches!(action, Action::Read | Action::Export) {
                TokenScope::Read
            } else {
                TokenScope::Write
            };
            let personal = matches!(action, Action::Decide | Action::Administer | Action::Waive);
            if personal || !scopes.contains(&needed) {
                return Access::Refused;
            }
        }
        Actor::User { .. } => {}
    }
    let held = actor.roles(facts.team);
    if held.iter().any(|role| action.roles().contains(role)) {
        Access::Allowed
    } else {
        Access::Refused
    }
}

/// Whether an actor may do something to things of some team at least. For what names no thing yet; whoever passes is asked again for
/// each thing.
#[must_use]
pub fn can_somewhere(actor: &Actor, action: Action) -> Access {
    let grants = match actor {
        Actor::User { grants, .. } | Actor::Token { grants, .. } => grants.as_slice(),
        Actor::System { .. } | Actor::Anonymous => &[],
    };
    let teams = grants.iter().filter_map(|grant| grant.team);
    let some = teams
        .map(|team| can(actor, action, Facts { team: Some(team) }))
        .find(|access| *access == Access::Allowed);
    some.unwrap_or_else(|| can(actor, action, Facts::default()))
}

/// May this caller ask about the agents of a team, and report what they did? Only programs: a token with
/// [`TokenScope::Access`], within the teams where its maker has a role. Without a team: may it ask at all?
#[must_use]
pub fn may_ask(actor: &Actor, team: Option<TeamId>) -> bool {
    let Actor::Token { scopes, grants, .. } = actor else {
        return false;
    };
    let reach = match team {
        Some(_) => !actor.roles(team).is_empty(),
        None => !grants.is_empty(),
    };
    reach && scopes.contains(&TokenScope::Access)
}
