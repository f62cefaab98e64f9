//! Time-boxed elevation: a role in a team for some hours, asked for with a reason and given by somebody else.

use chrono::{DateTime, Utc};

use crate::actor::{Actor, Role};
use crate::error::Exclusion;
use crate::id::{TeamId, UserId};
use crate::state::words;
use crate::tone::Tone;

/// What can be asked for. Not the approver role: whoever gives it for an hour would choose who decides about a change. Not
/// the administrator role: it could make itself last. The others carry no right over production.
pub const REQUESTABLE: [Role; 2] = [Role::Developer, Role::Operator];
/// Hours until a request that nobody answers expires.
pub const REQUEST_HOURS: i64 = 24;
/// Days without use after which a standing role is named.
pub const UNUSED_DAYS: i64 = 30;

words! {
    /// Where an elevation is.
    ///
    /// ```text
    /// requested > active | rejected    somebody else decided        (elevations::decide)
    /// requested > withdrawn            whoever asked took it back   (elevations::end)
    /// requested > expired              nobody decided in time       (expire_elevations)
    /// active > ended                   either side ended it early   (elevations::end)
    /// active > expired                 its time is over             (the clock, at once; expire_elevations writes it down)
    /// ```
    ElevationState as "elevation state" {
        Requested = "requested",
        Active = "active",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Expired = "expired",
        Ended = "ended",
    }
}

words! {
    /// What happened to an elevation.
    ElevationEvent as "elevation event" {
        Approved = "approved",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
        Ended = "ended",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an elevation that is {from} cannot take {event}")]
pub struct ElevationTransitionError {
    pub from: ElevationState,
    pub event: ElevationEvent,
}

impl ElevationState {
    /// The next state.
    ///
    /// # Errors
    /// [`ElevationTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: ElevationEvent) -> Result<Self, ElevationTransitionError> {
        use {ElevationEvent as E, ElevationState as S};
        match (self, event) {
            (S::Requested, E::Approved) => Ok(S::Active),
            (S::Requested, E::Rejected) => Ok(S::Rejected),
            (S::Requested, E::Withdrawn) => Ok(S::Withdrawn),
            (S::Requested | S::Active, E::Lapsed) => Ok(S::Expired),
            (S::Active, E::Ended) => Ok(S::Ended),
            (from, event) => Err(ElevationTransitionError { from, event }),
        }
    }

    /// The state by the clock: what is over is over before a worker writes it down. `until` is when the request, or the
    /// role itself, ends.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        if now < until {
            self
        } else {
            self.apply(ElevationEvent::Lapsed).unwrap_or(self)
        }
    }

    /// Can anything still happen to it?
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Requested | Self::Active => true,
            Self::Rejected | Self::Withdrawn | Self::Expired | Self::Ended => false,
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requested => "Awaiting an answer",
            Self::Active => "Active",
            Self::Rejected => "Rejected",
            Self::Withdrawn => "Withdrawn",
            Self::Expired => "Expired",
            Self::Ended => "Ended early",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Requested => Tone::Wait,
            Self::Active => Tone::Ok,
            Self::Rejected => Tone::Bad,
            Self::Withdrawn | Self::Expired | Self::Ended => Tone::Idle,
        }
    }
}

/// May this person answer a request for a role in a team? Whoever administers or approves there, but never whoever asked.
/// Neither role can be held by elevation, so nobody can use one to give another.
///
/// # Errors
/// [`Exclusion::NotGranter`] without such a role, [`Exclusion::OwnElevation`] for whoever asked.
pub fn may_grant(actor: &Actor, team: TeamId, asked_by: UserId) -> Result<UserId, Exclusion> {
    let Actor::User { id, .. } = actor else {
        return Err(Exclusion::NotGranter);
    };
    let held = actor.roles(Some(team));
    if !held
        .iter()
        .any(|role| matches!(role, Role::Approver | Role::Administrator))
    {
        return Err(Exclusion::NotGranter);
    }
    if *id == asked_by {
        return Err(Exclusion::OwnElevation);
    }
    Ok(*id)
}
