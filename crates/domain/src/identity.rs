//! Agent identities: the agent's own principal, entitled by its deployment.

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Where an identity is: `provisioning > active > suspended > active | revoked` (deploy, identities, `clean_up`).
    IdentityState as "identity state" {
        Provisioning = "provisioning",
        Active = "active",
        Suspended = "suspended",
        Revoked = "revoked",
    }
}

words! {
    /// What happened to an identity.
    IdentityEvent as "identity event" {
        Provisioned = "provisioned",
        Suspended = "suspended",
        Resumed = "resumed",
        Revoked = "revoked",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identity that is {from} cannot take {event}")]
pub struct IdentityTransitionError {
    pub from: IdentityState,
    pub event: IdentityEvent,
}

impl IdentityState {
    /// The next state.
    ///
    /// # Errors
    /// [`IdentityTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: IdentityEvent) -> Result<Self, IdentityTransitionError> {
        use {IdentityEvent as E, IdentityState as S};
        match (self, event) {
            (S::Provisioning, E::Provisioned) | (S::Suspended, E::Resumed) => Ok(S::Active),
            (S::Active, E::Suspended) => Ok(S::Suspended),
            (S::Provisioning | S::Active | S::Suspended, E::Revoked) => Ok(S::Revoked),
            (from, event) => Err(IdentityTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Provisioning => "Provisioning",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Revoked => "Revoked",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Provisioning => Tone::Run,
            Self::Active => Tone::Ok,
            Self::Suspended => Tone::Idle,
            Self::Revoked => Tone::Bad,
        }
    }
}

/// How long a token of an agent lives, seconds. Revocation also stops it at once at introspection.
pub const TOKEN_SECONDS: i64 = 300;
/// Longest life of a client assertion (RFC 7523), seconds.
pub const ASSERTION_SECONDS: i64 = 60;
/// How far an agent's clock may be off, seconds.
pub const SKEW_SECONDS: i64 = 5;
/// How long an agent whose owner has left may go on acting unless the operator says otherwise, hours.
pub const OWNER_GRACE_HOURS: u32 = 72;
/// The detail `cause` of the event of an identity that a person revoked; others end with their deployments.
pub const REVOKED_BY_PERSON: &str = "person";
