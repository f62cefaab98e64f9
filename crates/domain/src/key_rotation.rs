//! Another key for one identity, asked for by a person: who may have seen the old one can do nothing with it any more.

use crate::state::words;

words! {
    /// Where the change of a key is.
    ///
    /// ```text
    /// requested > done   the provider has the new key, and so has the agent's runtime (rotate_keys)
    /// requested > over   the identity was revoked meanwhile                           (rotate_keys)
    /// ```
    KeyRotationState as "key rotation state" {
        Requested = "requested",
        Done = "done",
        Over = "over",
    }
}

words! {
    /// What happened to it.
    KeyRotationEvent as "key rotation event" {
        Rotated = "rotated",
        IdentityRevoked = "identity_revoked",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key rotation that is {from} cannot take {event}")]
pub struct KeyRotationTransitionError {
    pub from: KeyRotationState,
    pub event: KeyRotationEvent,
}

impl KeyRotationState {
    /// The next state.
    ///
    /// # Errors
    /// [`KeyRotationTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: KeyRotationEvent) -> Result<Self, KeyRotationTransitionError> {
        use {KeyRotationEvent as E, KeyRotationState as S};
        match (self, event) {
            (S::Requested, E::Rotated) => Ok(S::Done),
            (S::Requested, E::IdentityRevoked) => Ok(S::Over),
            (from, event) => Err(KeyRotationTransitionError { from, event }),
        }
    }
}
