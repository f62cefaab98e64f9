//! Incidents: something misbehaved. A person or Clearance opens one; it has an owner, a timeline, and ends with what was learnt.

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Where an incident is.
    ///
    /// ```text
    /// open > mitigated              it does no harm any more: a person says so (incidents::mitigate), or the version that
    ///                               it is about was rolled back (go_live)
    /// mitigated > open              it does harm again                          (incidents::reopen)
    /// mitigated > closed            what was learnt is written down             (incidents::close)
    /// ```
    IncidentState as "incident state" {
        Open = "open",
        Mitigated = "mitigated",
        Closed = "closed",
    }
}

words! {
    /// What happened to an incident.
    IncidentEvent as "incident event" {
        Mitigated = "mitigated",
        Reopened = "reopened",
        Closed = "closed",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an incident that is {from} cannot take {event}")]
pub struct IncidentTransitionError {
    pub from: IncidentState,
    pub event: IncidentEvent,
}

impl IncidentState {
    /// The next state.
    ///
    /// # Errors
    /// [`IncidentTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: IncidentEvent) -> Result<Self, IncidentTransitionError> {
        use {IncidentEvent as E, IncidentState as S};
        match (self, event) {
            (S::Open, E::Mitigated) => Ok(S::Mitigated),
            (S::Mitigated, E::Reopened) => Ok(S::Open),
            (S::Mitigated, E::Closed) => Ok(S::Closed),
            (from, event) => Err(IncidentTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Mitigated => "Mitigated",
            Self::Closed => "Closed",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Open => Tone::Bad,
            Self::Mitigated => Tone::Wait,
            Self::Closed => Tone::Idle,
        }
    }
}

words! {
    /// What an incident began with.
    IncidentCause as "incident cause" {
        /// A person saw it.
        Person = "person",
        /// The live version's health failed.
        Health = "health",
        /// An evaluation of what happens in production was breached.
        Evaluation = "evaluation",
    }
}

impl IncidentCause {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Person => "Opened by a person",
            Self::Health => "Health failed",
            Self::Evaluation => "Evaluation breached",
        }
    }
}

words! {
    /// Where the quarantine of a live deployment is. Its identity is suspended in the same moment as it is asked for or
    /// lifted; stopping and starting what runs outside follows.
    ///
    /// ```text
    /// requested > in_force          suspended and stopped outside               (enforce_quarantines)
    /// requested | in_force > releasing   a person lifts it                      (quarantines::release)
    /// releasing > released          usable and running again                    (enforce_quarantines)
    /// requested | in_force | releasing > over   its deployment is not live any more (enforce_quarantines)
    /// ```
    QuarantineState as "quarantine state" {
        Requested = "requested",
        InForce = "in_force",
        Releasing = "releasing",
        Released = "released",
        Over = "over",
    }
}

words! {
    /// What happened to a quarantine.
    QuarantineEvent as "quarantine event" {
        Enforced = "enforced",
        Lifted = "lifted",
        Resumed = "resumed",
        DeploymentEnded = "deployment_ended",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quarantine that is {from} cannot take {event}")]
pub struct QuarantineTransitionError {
    pub from: QuarantineState,
    pub event: QuarantineEvent,
}

impl QuarantineState {
    /// The next state.
    ///
    /// # Errors
    /// [`QuarantineTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: QuarantineEvent) -> Result<Self, QuarantineTransitionError> {
        use {QuarantineEvent as E, QuarantineState as S};
        match (self, event) {
            (S::Requested, E::Enforced) => Ok(S::InForce),
            (S::Requested | S::InForce, E::Lifted) => Ok(S::Releasing),
            (S::Releasing, E::Resumed) => Ok(S::Released),
            (S::Requested | S::InForce | S::Releasing, E::DeploymentEnded) => Ok(S::Over),
            (from, event) => Err(QuarantineTransitionError { from, event }),
        }
    }

    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requested => "Going into quarantine",
            Self::InForce => "In quarantine",
            Self::Releasing => "Leaving quarantine",
            Self::Released => "Released",
            Self::Over => "Over: not live any more",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Requested | Self::Releasing => Tone::Run,
            Self::InForce => Tone::Wait,
            Self::Released | Self::Over => Tone::Idle,
        }
    }

    /// True while the deployment must not act.
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Requested | Self::InForce)
    }
}

/// How people quote an incident.
#[must_use]
pub fn quoted(number: i64) -> String {
    format!("INC-{number}")
}

/// The number of `INC-12`, or of a bare `12`.
#[must_use]
pub fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix("INC-").unwrap_or(text);
    digits.parse().ok().filter(|number| *number > 0)
}

/// Longest title.
pub const TITLE_MAX: usize = 200;
