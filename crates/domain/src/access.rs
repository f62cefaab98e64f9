//! May this agent do this, now? The pure rule behind every answer of the access decision interface (OpenID AuthZEN), and the
//! bounds of what may be asked.
//!
//! What is not clearly allowed is denied. A scope is `resource:action`; it allows its own action on its own resource and
//! nothing else: there are no wildcards, and no scope contains another.

use crate::environment::Environment;
use crate::identity::IdentityState;
use crate::state::words;

/// Longest type, id or name that is asked about, bytes.
pub const NAME_MAX: usize = 200;
/// How deep the JSON of a question may be nested.
pub const DEPTH_MAX: usize = 16;
/// Most questions of one call.
pub const BATCH_MAX: usize = 200;
/// The type of a resource whose id, not whose type, is the name that scopes begin with.
pub const RESOURCE: &str = "resource";
/// Within so many seconds of a change every replica answers by it.
pub const CORRECT_WITHIN_SECONDS: u64 = 5;

words! {
    /// What an answer rests on.
    AccessReason as "access reason" {
        /// A scope that was approved covers it.
        Granted = "granted",
        /// Not an agent, no such identity, a revoked one, or one that the caller may not ask about.
        UnknownSubject = "unknown_subject",
        /// The provider has not made it yet.
        NotActive = "not_active",
        /// Stopped by a person, or in quarantine.
        Suspended = "suspended",
        /// Its deployment is over, or not there yet.
        NotEntitled = "not_entitled",
        /// It belongs to another environment than the one asked about.
        OtherEnvironment = "other_environment",
        /// None of its scopes covers the action on the resource.
        OutOfScope = "out_of_scope",
        /// The policy lets this be done at other times alone.
        OutsideWindow = "outside_window",
        /// A restriction of the policy forbids it.
        Restricted = "restricted",
    }
}

impl AccessReason {
    /// Is it a yes?
    #[must_use]
    pub const fn allows(self) -> bool {
        match self {
            Self::Granted => true,
            Self::UnknownSubject
            | Self::NotActive
            | Self::Suspended
            | Self::NotEntitled
            | Self::OtherEnvironment
            | Self::OutOfScope
            | Self::OutsideWindow
            | Self::Restricted => false,
        }
    }

    /// For whoever runs the resource.
    #[must_use]
    pub const fn for_admins(self) -> &'static str {
        match self {
            Self::Granted => "A scope that was approved covers it.",
            Self::UnknownSubject => {
                "No identity of this id can act: it never was, it was revoked, or it belongs to a team that the caller does not see."
            }
            Self::NotActive => "The identity is being made and cannot act yet.",
            Self::Suspended => "The identity is suspended, by a person or by a quarantine.",
            Self::NotEntitled => {
                "The deployment of the identity is not running, so the identity may do nothing."
            }
            Self::OtherEnvironment => "The identity belongs to another environment.",
            Self::OutOfScope => {
                "No approved scope of the identity covers this action on this resource."
            }
            Self::OutsideWindow => "The policy lets this be done at other times alone.",
            Self::Restricted => "A restriction of the policy forbids it.",
        }
    }

    /// For whoever uses the agent: nothing that helps an attacker.
    #[must_use]
    pub const fn for_users(self) -> &'static str {
        match self {
            Self::Granted => "Allowed.",
            Self::UnknownSubject
            | Self::NotActive
            | Self::Suspended
            | Self::NotEntitled
            | Self::OtherEnvironment
            | Self::OutOfScope
            | Self::OutsideWindow
            | Self::Restricted => "This agent may not do this.",
        }
    }
}

words! {
    /// How the questions of one call are answered.
    Semantic as "evaluations semantic" {
        ExecuteAll = "execute_all",
        DenyOnFirstDeny = "deny_on_first_deny",
        PermitOnFirstPermit = "permit_on_first_permit",
    }
}

impl Semantic {
    /// Is this answer the last one?
    #[must_use]
    pub const fn stops(self, allowed: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !allowed,
            Self::PermitOnFirstPermit => allowed,
        }
    }
}

/// Most members of a context that are looked at, and most texts of a list.
pub const CONTEXT_MAX: usize = 50;
/// Longest text in a context that is looked at, bytes.
pub const CONTEXT_TEXT_MAX: usize = 1_000;

/// What a caller says beside a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    Long(i64),
    String(String),
    Bool(bool),
    Strings(Vec<String>),
    /// None of these, or too long.
    Other,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub subject_type: String,
    /// The client id of an identity.
    pub subject: String,
    /// What scopes begin with, such as `salesforce`.
    pub resource: String,
    /// Which of its things is meant, in the resource's own words.
    pub resource_id: String,
    /// What scopes end with, such as `leads.read`.
    pub action: String,
    /// Where the resource is, where the caller says so.
    pub environment: Option<String>,
    /// What else the caller says, by name.
    pub context: Vec<(String, ContextValue)>,
}

impl Asked {
    /// The scope that would cover it.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{}:{}", self.resource, self.action)
    }

    /// Is it about an agent?
    #[must_use]
    pub fn is_about_an_agent(&self) -> bool {
        matches!(self.subject_type.as_str(), "agent" | "identity")
    }
}

/// What is known of an identity that was not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    pub state: IdentityState,
    /// Does its deployment entitle it?
    pub entitled: bool,
    pub environment: Environment,
    pub scopes: &'a [String],
}

impl Standing<'_> {
    /// Why it cannot act at all, whatever is asked.
    #[must_use]
    pub const fn stopped(&self) -> Option<AccessReason> {
        match (self.state, self.entitled) {
            (IdentityState::Revoked, _) => Some(AccessReason::UnknownSubject),
            (IdentityState::Suspended, _) => Some(AccessReason::Suspended),
            (IdentityState::Provisioning, _) => Some(AccessReason::NotActive),
            (IdentityState::Active, false) => Some(AccessReason::NotEntitled),
            (IdentityState::Active, true) => None,
        }
    }
}

/// The answer to a question about an identity; `None` stands for one that is not known.
#[must_use]
pub fn decide(subject: Option<Standing<'_>>, asked: &Asked) -> AccessReason {
    let Some(subject) = subject.filter(|_| asked.is_about_an_agent()) else {
        return AccessReason::UnknownSubject;
    };
    if let Some(why) = subject.stopped() {
        return why;
    }
    let elsewhere = |wanted: &String| wanted != subject.environment.as_str();
    if asked.environment.as_ref().is_some_and(elsewhere) {
        return AccessReason::OtherEnvironment;
    }
    let needed = asked.scope();
    if subject.scopes.contains(&needed) {
        AccessReason::Granted
    } else {
        AccessReason::OutOfScope
    }
}
