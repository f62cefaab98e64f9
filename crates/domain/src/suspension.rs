//! Suspension: one identity that must not act for now, whatever its runtime does. An incident's quarantine stops the runtime
//! too; the two stand side by side, and an identity acts again when neither holds it.

use crate::state::words;

words! {
    /// Where a suspension is. `Requested` on: no token, and every token that is out is inactive, because the identity's own row
    /// says so in the same transaction.
    ///
    /// ```text
    /// requested > in_force           the provider suspended the principal    (enforce_suspensions)
    /// requested | in_force > lifting a person lets it act again              (identities::resume)
    /// lifting > lifted               usable again at the provider            (enforce_suspensions)
    /// requested | in_force | lifting > over   the identity was revoked       (enforce_suspensions)
    /// ```
    SuspensionState as "suspension state" {
        Requested = "requested",
        InForce = "in_force",
        Lifting = "lifting",
        Lifted = "lifted",
        Over = "over",
    }
}

words! {
    /// What happened to a suspension.
    SuspensionEvent as "suspension event" {
        Enforced = "enforced",
        Resumed = "resumed",
        Completed = "completed",
        IdentityRevoked = "identity_revoked",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a suspension that is {from} cannot take {event}")]
pub struct SuspensionTransitionError {
    pub from: SuspensionState,
    pub event: SuspensionEvent,
}

impl SuspensionState {
    /// The next state.
    ///
    /// # Errors
    /// [`SuspensionTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: SuspensionEvent) -> Result<Self, SuspensionTransitionError> {
        use {SuspensionEvent as E, SuspensionState as S};
        match (self, event) {
            (S::Requested, E::Enforced) => Ok(S::InForce),
            (S::Requested | S::InForce, E::Resumed) => Ok(S::Lifting),
            (S::Lifting, E::Completed) => Ok(S::Lifted),
            (S::Requested | S::InForce | S::Lifting, E::IdentityRevoked) => Ok(S::Over),
            (from, event) => Err(SuspensionTransitionError { from, event }),
        }
    }

    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requested => "Being suspended",
            Self::InForce => "Suspended",
            Self::Lifting => "Being let act again",
            Self::Lifted => "Lifted",
            Self::Over => "Over: the identity was revoked",
        }
    }

    /// Does it keep the identity from acting, with nobody having lifted it?
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Requested | Self::InForce)
    }
}
