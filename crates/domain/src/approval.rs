//! Approvals: a question to people about one manifest digest, and who may answer it.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::state::words;
use crate::tone::Tone;

mod accounts;
mod rule;
mod standing;

pub use accounts::{Account, persons};
pub use rule::{Lacking, RequiredGroup, Rule};
pub use standing::{Absent, Candidate, Voice, may_decide, voice};

words! {
    /// Where an approval is.
    ///
    /// ```text
    /// open > approved | rejected              the last needed decision       (approvals::decide)
    /// open > expired                          nobody acted in time           (expire_approvals)
    /// open > withdrawn                        taken back, or cancelled       (approvals::withdraw | deployments::cancel)
    ///                                         or let through                 (break_glass::let_through)
    /// open > stale                            the manifest changed           (watch_manifests | approvals::decide)
    /// approved > stale                        the manifest changed           (deploy); asked again, as above
    /// approved > consumed                     used by its deployment         (deploy)
    /// approved > revoked | expired_unused     taken back | not used in time  (approvals::revoke | expire_approvals)
    /// ```
    ApprovalState as "approval state" {
        Open = "open",
        Approved = "approved",
        Rejected = "rejected",
        Expired = "expired",
        Withdrawn = "withdrawn",
        Stale = "stale",
        Consumed = "consumed",
        Revoked = "revoked",
        ExpiredUnused = "expired_unused",
    }
}

words! {
    /// What happened to an approval.
    ApprovalEvent as "approval event" {
        QuorumMet = "quorum_met",
        Rejected = "rejected",
        Expired = "expired",
        Withdrawn = "withdrawn",
        ManifestChanged = "manifest_changed",
        Consumed = "consumed",
        Revoked = "revoked",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an approval that is {from} cannot take {event}")]
pub struct ApprovalTransitionError {
    pub from: ApprovalState,
    pub event: ApprovalEvent,
}

impl ApprovalState {
    /// The next state.
    ///
    /// # Errors
    /// [`ApprovalTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: ApprovalEvent) -> Result<Self, ApprovalTransitionError> {
        use {ApprovalEvent as E, ApprovalState as S};
        match (self, event) {
            (S::Open, E::QuorumMet) => Ok(S::Approved),
            (S::Open, E::Rejected) => Ok(S::Rejected),
            (S::Open, E::Expired) => Ok(S::Expired),
            (S::Open, E::Withdrawn) => Ok(S::Withdrawn),
            (S::Open | S::Approved, E::ManifestChanged) => Ok(S::Stale),
            (S::Approved, E::Consumed) => Ok(S::Consumed),
            (S::Approved, E::Revoked | E::Withdrawn) => Ok(S::Revoked),
            (S::Approved, E::Expired) => Ok(S::ExpiredUnused),
            (from, event) => Err(ApprovalTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Awaiting approval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Expired => "Expired",
            Self::Withdrawn => "Withdrawn",
            Self::Stale => "Stale, manifest changed",
            Self::Consumed => "Used",
            Self::Revoked => "Revoked",
            Self::ExpiredUnused => "Expired unused",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Open => Tone::Wait,
            Self::Approved | Self::Consumed => Tone::Ok,
            Self::Rejected | Self::Stale | Self::Revoked => Tone::Bad,
            Self::Expired | Self::Withdrawn | Self::ExpiredUnused => Tone::Idle,
        }
    }
}

words! {
    /// One person's answer.
    DecisionVerdict as "decision" {
        Approve = "approve",
        Reject = "reject",
    }
}

/// A decision, parsed from a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// Number of the approval, which is its deployment's.
    pub number: i64,
    pub verdict: DecisionVerdict,
    /// Required to reject.
    pub reason: Option<String>,
    /// The manifest digest that the person was shown.
    pub manifest_digest: String,
    /// The added scopes the person ticked.
    pub accepted_scopes: Vec<String>,
}

/// Shortest reason for a rejection, a rollback or a decommission.
pub const REASON_MIN: usize = 10;
/// Longest reason or comment.
pub const REASON_MAX: usize = 1_000;

/// The people whom separation of duties keeps from deciding, by their part in this deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Parties {
    pub requester: Option<UserId>,
    /// E-mail addresses as git records them, lower case, of the commit that is deployed.
    pub author_email: String,
    pub committer_email: String,
    /// The same of every commit since what is live, that one among them.
    #[serde(default)]
    pub author_emails: Vec<String>,
    #[serde(default)]
    pub committer_emails: Vec<String>,
    /// Who changed the config bundle since the live version: authors of the commits between, lower case.
    pub config_editor_emails: Vec<String>,
    pub waiver_givers: Vec<UserId>,
    /// Who let it through without an approval.
    #[serde(default)]
    pub breaker: Option<UserId>,
    /// Who decided already in this round, and in whose name.
    pub decided: Vec<UserId>,
}
