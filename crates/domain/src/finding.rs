//! Findings: something is not as it should be. Clearance finds them, keeps them while they last, and ends them by itself.

use crate::state::words;
use crate::tone::Tone;

words! {
    /// What is not as it should be. Declare a kind here, and raise it from the reconciler that can tell when it is over.
    FindingKind as "finding kind" {
        /// A live runtime runs another image than was approved.
        DriftVersion = "drift_version",
        /// A live runtime has other settings than were approved.
        DriftConfig = "drift_config",
        /// A live identity has other scopes than were approved.
        DriftScopes = "drift_scopes",
        /// The registry points to another endpoint than the runtime's.
        DriftPointer = "drift_pointer",
        /// A runtime that nobody registered.
        UnregisteredRuntime = "unregistered_runtime",
        /// It is at a provider, and the ledger has no row of it or says that it is gone.
        Orphan = "orphan",
        /// The ledger says that it is there, and the provider does not have it.
        Ghost = "ghost",
        /// A rule that nobody could satisfy with the people there are.
        UnsatisfiableRule = "unsatisfiable_rule",
        /// The version before could not be restored now.
        RollbackNotReady = "rollback_not_ready",
        /// A live version is judged bad and was not rolled back by itself; the reason says why.
        NotRolledBack = "not_rolled_back",
        /// An agent did, or tried to do, what none of its approved scopes covers.
        OutOfScopeAccess = "out_of_scope_access",
        /// Somebody acted under an identity that is not known or not in force.
        UnknownPrincipal = "unknown_principal",
        /// Who answers for an agent has no role in its team any more.
        OwnerLeft = "owner_left",
        /// A live version runs although its identity was revoked.
        WithoutIdentity = "without_identity",
    }
}

impl FindingKind {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::DriftVersion => "Another version runs",
            Self::DriftConfig => "Settings differ",
            Self::DriftScopes => "Scopes differ",
            Self::DriftPointer => "Endpoint differs",
            Self::UnregisteredRuntime => "Unregistered runtime",
            Self::Orphan => "Left over",
            Self::Ghost => "Gone at the provider",
            Self::UnsatisfiableRule => "Rule nobody can meet",
            Self::RollbackNotReady => "Rollback not ready",
            Self::NotRolledBack => "Not rolled back",
            Self::OutOfScopeAccess => "Access out of scope",
            Self::UnknownPrincipal => "Unknown principal",
            Self::OwnerLeft => "Owner has left",
            Self::WithoutIdentity => "Runs without an identity",
        }
    }

    /// How it is drawn while it is open.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::DriftVersion
            | Self::DriftScopes
            | Self::UnsatisfiableRule
            | Self::RollbackNotReady
            | Self::NotRolledBack
            | Self::OutOfScopeAccess
            | Self::UnknownPrincipal
            | Self::OwnerLeft => Tone::Bad,
            Self::WithoutIdentity
            | Self::DriftConfig
            | Self::DriftPointer
            | Self::UnregisteredRuntime
            | Self::Orphan
            | Self::Ghost => Tone::Wait,
        }
    }

    /// True where live differs from what was approved.
    #[must_use]
    pub const fn is_drift(self) -> bool {
        match self {
            Self::DriftVersion
            | Self::DriftConfig
            | Self::DriftScopes
            | Self::DriftPointer
            | Self::UnregisteredRuntime => true,
            Self::Orphan
            | Self::Ghost
            | Self::UnsatisfiableRule
            | Self::RollbackNotReady
            | Self::NotRolledBack
            | Self::OutOfScopeAccess
            | Self::UnknownPrincipal
            | Self::OwnerLeft
            | Self::WithoutIdentity => false,
        }
    }

    /// How often in a row it must be seen before it is open. What comes from a provider's list may be missing there for a
    /// moment, so one look is not enough.
    #[must_use]
    pub const fn sightings(self) -> i32 {
        match self {
            Self::DriftVersion
            | Self::DriftConfig
            | Self::DriftScopes
            | Self::DriftPointer
            | Self::UnregisteredRuntime
            | Self::Orphan
            | Self::Ghost => 3,
            Self::UnsatisfiableRule
            | Self::RollbackNotReady
            | Self::NotRolledBack
            | Self::OutOfScopeAccess
            | Self::UnknownPrincipal
            | Self::OwnerLeft
            | Self::WithoutIdentity => 1,
        }
    }
}

words! {
    /// Where a finding is.
    ///
    /// ```text
    /// suspected > open               seen as often in a row as its kind asks     (findings::raise)
    /// open > resolved                the reconciler does not see it any more     (findings::settle)
    /// open > ignored                 a person accepts it until a date            (findings::ignore)
    /// ignored > open                 the date has come, or a person says so      (wake_findings, findings::ignore)
    /// ignored > resolved             the reconciler does not see it any more     (findings::settle)
    /// ```
    ///
    /// A suspicion that proves wrong leaves nothing. What comes again after it was resolved is another finding.
    FindingState as "finding state" {
        Suspected = "suspected",
        Open = "open",
        Ignored = "ignored",
        Resolved = "resolved",
    }
}

words! {
    /// What happened to a finding.
    FindingEvent as "finding event" {
        Confirmed = "confirmed",
        Ignored = "ignored",
        Woken = "woken",
        Resolved = "resolved",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a finding that is {from} cannot take {event}")]
pub struct FindingTransitionError {
    pub from: FindingState,
    pub event: FindingEvent,
}

impl FindingState {
    /// Is what it tells of still there, as far as anybody knows?
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Open | Self::Ignored => true,
            Self::Suspected | Self::Resolved => false,
        }
    }

    /// The next state.
    ///
    /// # Errors
    /// [`FindingTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: FindingEvent) -> Result<Self, FindingTransitionError> {
        use {FindingEvent as E, FindingState as S};
        match (self, event) {
            (S::Suspected, E::Confirmed) | (S::Ignored, E::Woken) => Ok(S::Open),
            (S::Open, E::Ignored) => Ok(S::Ignored),
            (S::Open | S::Ignored, E::Resolved) => Ok(S::Resolved),
            (from, event) => Err(FindingTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Suspected => "Suspected",
            Self::Open => "Open",
            Self::Ignored => "Ignored",
            Self::Resolved => "Resolved",
        }
    }

    /// How it is drawn, where its kind is not.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Suspected => Tone::Unknown,
            Self::Open => Tone::Wait,
            Self::Ignored => Tone::Idle,
            Self::Resolved => Tone::Ok,
        }
    }
}

words! {
    /// What a finding is about.
    SubjectKind as "finding subject" {
        Agent = "agent",
        Deployment = "deployment",
        /// A runtime at a runtime target, by its name there.
        Runtime = "runtime",
        /// A principal at an identity provider, by its client id.
        Identity = "identity",
        /// An image, by its reference.
        Image = "image",
        /// A version of the policy.
        Policy = "policy",
        Team = "team",
        /// What scopes begin with, or a whole scope.
        Resource = "resource",
    }
}

impl SubjectKind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Deployment => "Deployment",
            Self::Runtime => "Runtime",
            Self::Identity => "Identity",
            Self::Image => "Image",
            Self::Policy => "Policy",
            Self::Team => "Team",
            Self::Resource => "Resource",
        }
    }
}

/// How people quote a finding.
#[must_use]
pub fn quoted(number: i64) -> String {
    format!("F-{number}")
}

/// Longest sentence and longest name of what is kept of a finding.
pub const TEXT_MAX: usize = 1_000;
/// How many days somebody may look away from a finding.
pub const IGNORE_DAYS_MAX: i64 = 180;
