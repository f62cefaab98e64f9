//! Break-glass: in an emergency one person lets a deployment go on without the approval, and somebody else reviews it
//! afterwards. It stands in for people and for the clock, never for a gate: a gate that is not satisfied needs a waiver.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::deployment::{DeploymentKind, DeploymentState};
use crate::environment::Environment;
use crate::state::words;
use crate::tone::Tone;

/// Longest incident number or address.
pub const INCIDENT_MAX: usize = 300;

words! {
    /// Where the post-review of a break-glass is.
    ///
    /// ```text
    /// post_review_due > reviewed_ok | reviewed_violation    somebody else closed it     (break_glass::review)
    /// post_review_due > overdue                             nobody did in time          (the clock, at once; expire_elevations writes it down)
    /// overdue > reviewed_ok | reviewed_violation            somebody else closed it     (break_glass::review)
    /// ```
    PostReviewState as "post-review state" {
        Due = "post_review_due",
        ReviewedOk = "reviewed_ok",
        ReviewedViolation = "reviewed_violation",
        Overdue = "overdue",
    }
}

words! {
    /// What happened to a post-review. The first two are what its form says.
    PostReviewEvent as "post-review event" {
        Ok = "ok",
        Violation = "violation",
        Lapsed = "lapsed",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a post-review that is {from} cannot take {event}")]
pub struct PostReviewTransitionError {
    pub from: PostReviewState,
    pub event: PostReviewEvent,
}

impl PostReviewState {
    /// The next state.
    ///
    /// # Errors
    /// [`PostReviewTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: PostReviewEvent) -> Result<Self, PostReviewTransitionError> {
        use {PostReviewEvent as E, PostReviewState as S};
        match (self, event) {
            (S::Due | S::Overdue, E::Ok) => Ok(S::ReviewedOk),
            (S::Due | S::Overdue, E::Violation) => Ok(S::ReviewedViolation),
            (S::Due, E::Lapsed) => Ok(S::Overdue),
            (from, event) => Err(PostReviewTransitionError { from, event }),
        }
    }

    /// The state by the clock: late is late before a worker writes it down.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>, due_at: DateTime<Utc>) -> Self {
        if now < due_at {
            self
        } else {
            self.apply(PostReviewEvent::Lapsed).unwrap_or(self)
        }
    }

    /// Does it wait for somebody?
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Due | Self::Overdue => true,
            Self::ReviewedOk | Self::ReviewedViolation => false,
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Due => "Review due",
            Self::ReviewedOk => "Reviewed",
            Self::ReviewedViolation => "Rule broken",
            Self::Overdue => "Overdue",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Due => Tone::Wait,
            Self::ReviewedOk => Tone::Ok,
            Self::ReviewedViolation | Self::Overdue => Tone::Bad,
        }
    }
}

/// Is this a deployment that waits for people or the clock, so that breaking the glass could let it go on? One that is
/// being created waits only where a freeze holds it up, which `held_up` tells.
#[must_use]
pub const fn can_be_let_through(
    environment: Environment,
    kind: DeploymentKind,
    state: DeploymentState,
    held_up: bool,
) -> bool {
    let waits = match state {
        DeploymentState::Queued | DeploymentState::Checking | DeploymentState::AwaitingApproval => {
            true
        }
        DeploymentState::Deploying => held_up,
        DeploymentState::Building
        | DeploymentState::Verifying
        | DeploymentState::Live
        | DeploymentState::Superseded
        | DeploymentState::RolledBack
        | DeploymentState::Decommissioned
        | DeploymentState::Failed
        | DeploymentState::Errored
        | DeploymentState::Rejected
        | DeploymentState::Expired
        | DeploymentState::Cancelled
        | DeploymentState::CleaningUp
        | DeploymentState::Cleaned
        | DeploymentState::CleanupIncomplete => false,
    };
    let promotion = match (environment, kind) {
        (Environment::Production, DeploymentKind::Push | DeploymentKind::Promotion) => true,
        (Environment::Production, DeploymentKind::Rollback) | (Environment::NonProd, _) => false,
    };
    waits && promotion
}

/// A break-glass, parsed from a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// Number of the deployment.
    pub number: i64,
    /// The manifest digest that the person typed.
    pub manifest_digest: String,
    pub reason: String,
    /// A number or an address.
    pub incident: String,
}

/// The address that an incident is at, where it is one. Anything else is shown as text.
#[must_use]
pub fn incident_link(incident: &str) -> Option<&str> {
    let lower = incident.get(..8).unwrap_or(incident).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")).then_some(incident)
}
