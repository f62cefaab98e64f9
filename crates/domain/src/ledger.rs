//! The resource ledger: every external object of a deployment, written before it is created.

use serde::{Deserialize, Serialize};

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Where a resource is: `planned > created > delete_requested > deleted | retained | orphaned`.
    ///
    /// `planned > delete_requested` is legal: after a kill nobody knows whether the create call got through,
    /// so the teardown asks the provider in any case.
    ResourceState as "resource state" {
        Planned = "planned",
        Created = "created",
        DeleteRequested = "delete_requested",
        Deleted = "deleted",
        Retained = "retained",
        Orphaned = "orphaned",
    }
}

words! {
    /// What happened to a resource.
    ResourceEvent as "resource event" {
        Created = "created",
        DeleteRequested = "delete_requested",
        Deleted = "deleted",
        Retained = "retained",
        Orphaned = "orphaned",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a resource that is {from} cannot take {event}")]
pub struct ResourceTransitionError {
    pub from: ResourceState,
    pub event: ResourceEvent,
}

impl ResourceState {
    /// The next state.
    ///
    /// # Errors
    /// [`ResourceTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: ResourceEvent) -> Result<Self, ResourceTransitionError> {
        use {ResourceEvent as E, ResourceState as S};
        match (self, event) {
            (S::Planned, E::Created) => Ok(S::Created),
            (S::Planned | S::Created | S::Orphaned | S::Retained, E::DeleteRequested) => {
                Ok(S::DeleteRequested)
            }
            (S::DeleteRequested, E::Deleted) => Ok(S::Deleted),
            (S::Planned | S::Created | S::DeleteRequested, E::Retained) => Ok(S::Retained),
            (S::DeleteRequested, E::Orphaned) => Ok(S::Orphaned),
            (from, event) => Err(ResourceTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Created => "Created",
            Self::DeleteRequested => "Being deleted",
            Self::Deleted => "Deleted",
            Self::Retained => "Kept",
            Self::Orphaned => "Left over",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Created => Tone::Ok,
            Self::DeleteRequested => Tone::Run,
            Self::Orphaned => Tone::Bad,
            Self::Planned | Self::Deleted | Self::Retained => Tone::Idle,
        }
    }
}

words! {
    /// Whose the object is. Only `created` ones are ever deleted.
    Origin as "origin" {
        Created = "created",
        Adopted = "adopted",
        Referenced = "referenced",
    }
}

words! {
    /// What kind of object. The order is the order of creation; teardown goes the other way round,
    /// but for the identity, which is revoked before anything else.
    ResourceKind as "resource kind" {
        Image = "image",
        Identity = "identity",
        Runtime = "runtime",
    }
}

impl ResourceKind {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Image => "Image",
            Self::Identity => "Identity",
            Self::Runtime => "Runtime",
        }
    }

    /// Teardown order: lower first. Revocation comes before every other step (invariant 7).
    #[must_use]
    pub const fn teardown_rank(self) -> u8 {
        match self {
            Self::Identity => 0,
            Self::Runtime => 1,
            Self::Image => 2,
        }
    }
}

/// What a clean-up came to, after the providers were listed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// Objects this deployment created.
    pub created: u32,
    /// Of those, gone.
    pub gone: u32,
    /// Of those, still there: kind, name and why.
    pub left: Vec<String>,
    /// Kept because they are not this deployment's to delete, or are a rollback target.
    pub kept: Vec<String>,
}

impl Receipt {
    /// "9 created, 9 gone, 0 left".
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "{} created, {} gone, {} left",
            self.created,
            self.gone,
            self.left.len()
        )
    }
}
