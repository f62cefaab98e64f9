//! What to go back to, and when Clearance goes back by itself.

use chrono::{DateTime, TimeDelta, Utc};

use crate::deployment::{DeploymentKind, DeploymentState};
use crate::state::words;

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

/// The deployments that could be restored when `live` is rolled back, newest first: earlier ones that were verified live,
/// whose version is not held, and that were not themselves rolled back.
#[must_use]
pub fn targets(live: i64, history: &[Past]) -> Vec<i64> {
    let mut numbers: Vec<i64> = history
        .iter()
        .filter(|p| {
            p.number < live && p.was_live && !p.held && p.state != DeploymentState::RolledBack
        })
        .map(|p| p.number)
        .collect();
    numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
    numbers
}

/// The deployment to restore when `live` is rolled back and nobody says which: the newest of [`targets`].
#[must_use]
pub fn target(live: i64, history: &[Past]) -> Option<i64> {
    targets(live, history).into_iter().next()
}

/// Bad looks in a row, without a healthy one between them, after which a live version is judged bad. Looks are 15 s apart.
pub const BAD_LOOKS: i32 = 3;
/// A failure that is older than this when it could be acted upon is left to people: what runs since may be needed.
pub const FAILURE_MAX_AGE: TimeDelta = TimeDelta::minutes(20);

words! {
    /// Why Clearance does not go back by itself from a version that is judged bad.
    LeaveReason as "reason to leave" {
        /// The failure began too long ago.
        TooOld = "too_old",
        /// What is live was itself restored by a rollback.
        IsRollback = "is_rollback",
        /// Clearance tried once, and it failed.
        TriedBefore = "tried_before",
        /// Nothing earlier was verified live.
        NoTarget = "no_target",
        /// The version before cannot be restored now.
        TargetNotReady = "target_not_ready",
    }
}

impl LeaveReason {
    /// The sentence people read.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooOld => {
                "It failed more than 20 minutes before it could be rolled back, so a person decides."
            }
            Self::IsRollback => "It was itself restored by a rollback, so a person decides.",
            Self::TriedBefore => {
                "A rollback was tried once by itself and failed. There is no second try."
            }
            Self::NoTarget => "No earlier version was verified live.",
            Self::TargetNotReady => "The version before cannot be restored now.",
        }
    }
}

/// What is known when a live version was judged bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Why the live deployment exists.
    pub kind: DeploymentKind,
    pub failing_since: DateTime<Utc>,
    /// Nothing of this agent is deploying or verifying there, and no rollback is on its way.
    pub settled: bool,
    /// Clearance began a rollback of this deployment before, and it is over.
    pub tried: bool,
    /// There is a version to go back to; and could it be restored now?
    pub target: Option<bool>,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    RollBack,
    /// Something is under way: look again.
    Wait,
    /// A person must decide.
    Leave(LeaveReason),
}

/// Whether Clearance goes back by itself. It never goes back twice from one deployment, never from a rollback, never while
/// something else is under way, and never for a failure that is old; so it cannot loop.
#[must_use]
pub fn automatic(situation: &Situation, now: DateTime<Utc>) -> Answer {
    if situation.kind == DeploymentKind::Rollback {
        return Answer::Leave(LeaveReason::IsRollback);
    }
    if situation.tried {
        return Answer::Leave(LeaveReason::TriedBefore);
    }
    if now - situation.failing_since > FAILURE_MAX_AGE {
        return Answer::Leave(LeaveReason::TooOld);
    }
    if !situation.settled {
        return Answer::Wait;
    }
    match situation.target {
        None => Answer::Leave(LeaveReason::NoTarget),
        Some(false) => Answer::Leave(LeaveReason::TargetNotReady),
        Some(true) => Answer::RollBack,
    }
}

words! {
    /// Whether what a rollback restores could be restored, as it was looked at last.
    Readiness as "rollback readiness" {
        /// Its image is whole, its secrets can be read, its identity can be made again.
        Ready = "ready",
        NoTarget = "no_target",
        ImageMissing = "image_missing",
        ImageDamaged = "image_damaged",
        SecretMissing = "secret_missing",
        /// What is known of its identity is damaged.
        IdentityLost = "identity_lost",
        /// A part that must be asked did not answer.
        Unchecked = "unchecked",
    }
}

impl Readiness {
    /// There is something to go back to, and it is not ready.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::ImageMissing | Self::ImageDamaged | Self::SecretMissing | Self::IdentityLost => {
                true
            }
            Self::Ready | Self::NoTarget | Self::Unchecked => false,
        }
    }

    /// The words people read after "Rollback not ready:".
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ready => "it is ready",
            Self::NoTarget => "nothing earlier was verified live",
            Self::ImageMissing => "its image is missing",
            Self::ImageDamaged => "its image is damaged",
            Self::SecretMissing => "a secret of it cannot be read",
            Self::IdentityLost => "its identity cannot be made again",
            Self::Unchecked => "it could not be checked just now",
        }
    }

    /// True where a rollback would fail, and is refused.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        match self {
            Self::ImageMissing | Self::ImageDamaged | Self::SecretMissing | Self::IdentityLost => {
                true
            }
            Self::Ready | Self::NoTarget | Self::Unchecked => false,
        }
    }
}

/// The middle of how long past rollbacks took, in seconds, at least one. `None` when there was none yet.
#[must_use]
pub fn estimate(mut taken: Vec<i64>) -> Option<i64> {
    taken.sort_unstable();
    taken.get(taken.len() / 2).map(|seconds| (*seconds).max(1))
}
