//! What use cases can come to, apart from success.

use domain::authz::Action;
use domain::directory::Problem;
use domain::error::{ApiError, Conflict, Exclusion, FieldProblem, ValidationErrors};
use domain::view::policy::PolicyRefusal;

/// A boxed source, kept for the log and never shown.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a use case did not do what it was asked. Nothing was changed when one of these comes out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{kind} not found")]
    NotFound { kind: &'static str },
    #[error("not allowed to {}", .action.as_str())]
    Forbidden { action: Action },
    /// Separation of duties.
    #[error("excluded: {rule}")]
    Excluded { rule: Exclusion },
    #[error("not signed in")]
    Unauthenticated,
    /// A decision needs a sign-in of the last few minutes.
    #[error("signed in more than {minutes} minutes ago")]
    SignInTooOld { minutes: u32 },
    #[error("wrong credentials")]
    WrongCredentials,
    #[error("too many attempts")]
    TooMany,
    #[error(transparent)]
    Invalid(#[from] ValidationErrors),
    /// A policy that is wrong, or that people could never satisfy. What exactly is for the page and the API that take it.
    #[error("the policy cannot be taken")]
    Policy(Box<PolicyRefusal>),
    #[error("conflict: {why}")]
    Conflict { why: Conflict },
    /// A directory's call that cannot be done.
    #[error(transparent)]
    Directory(#[from] Problem),
    #[error("{dependency} is not available")]
    Unavailable {
        dependency: &'static str,
        #[source]
        source: Source,
    },
    /// A worker's lease was lost to another: its write is refused (fencing).
    #[error("the lease was lost")]
    Fenced,
    /// The database is not the one whose log was signed: nothing is changed until a person reconciled them.
    #[error("recovery mode: {signed} events were signed, the database has {found}")]
    Recovery { signed: u64, found: u64 },
    #[error("internal error in {during}")]
    Internal {
        during: &'static str,
        #[source]
        source: Source,
    },
}

impl Error {
    /// A conflict with its reason.
    #[must_use]
    pub const fn conflict(why: Conflict) -> Self {
        Self::Conflict { why }
    }

    /// A rule that keeps somebody from deciding. Whoever lacks the role for it is forbidden to; the others are kept out by
    /// the part that they had.
    pub(crate) const fn excluded(rule: Exclusion) -> Self {
        match rule {
            Exclusion::NotApprover | Exclusion::NotGranter => Self::Forbidden {
                action: Action::Decide,
            },
            Exclusion::Requester
            | Exclusion::CommitAuthor
            | Exclusion::Committer
            | Exclusion::ConfigEditor
            | Exclusion::WaiverGiver
            | Exclusion::AlreadyDecided
            | Exclusion::Proposer
            | Exclusion::StandsForExcluded
            | Exclusion::Breaker
            | Exclusion::OwnElevation
            | Exclusion::OwnAccess => Self::Excluded { rule },
        }
    }

    /// Something that cannot happen by anybody's input.
    pub fn internal(during: &'static str, source: impl Into<Source>) -> Self {
        Self::Internal {
            during,
            source: source.into(),
        }
    }

    /// What a caller may be told. Logs the internal kinds once, with the whole chain of sources.
    #[must_use]
    pub fn to_api(&self) -> ApiError {
        match self {
            Self::NotFound { .. } => ApiError::NotFound,
            Self::Forbidden { action } => ApiError::Forbidden { action: *action },
            Self::Excluded { rule } => ApiError::Excluded { rule: *rule },
            Self::Unauthenticated => ApiError::Unauthenticated,
            Self::SignInTooOld { minutes } => ApiError::SignInTooOld { minutes: *minutes },
            Self::WrongCredentials => ApiError::WrongCredentials,
            Self::TooMany => ApiError::TooMany,
            Self::Invalid(fields) => ApiError::Invalid {
                fields: fields.clone(),
            },
            Self::Policy(_) => ApiError::Invalid {
                fields: ValidationErrors::one("text", FieldProblem::BadPolicy),
            },
            Self::Conflict { why } => ApiError::Conflict { why: *why },
            // The door of directories has words of its own for it.
            Self::Directory(_) => ApiError::Conflict {
                why: Conflict::WrongState,
            },
            Self::Unavailable { .. } => {
                tracing::warn!(error = %self.chain(), "a dependency is not available");
                ApiError::Unavailable
            }
            Self::Recovery { .. } => ApiError::Recovery,
            Self::Fenced => ApiError::Conflict {
                why: Conflict::Changed,
            },
            Self::Internal { .. } => {
                tracing::error!(error = %self.chain(), "internal error");
                ApiError::Internal
            }
        }
    }

    /// This error and its sources in one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(source) = next {
            text.push_str(": ");
            text.push_str(&source.to_string());
            next = source.source();
        }
        text
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Unavailable {
            dependency: "database",
            source: error.into(),
        }
    }
}

/// A broken rule of a state machine reached the database: the row is not where the caller believed.
impl From<domain::deployment::TransitionError> for Error {
    fn from(_: domain::deployment::TransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::approval::ApprovalTransitionError> for Error {
    fn from(_: domain::approval::ApprovalTransitionError) -> Self {
        Self::conflict(Conflict::AlreadyDecided)
    }
}

impl From<domain::elevation::ElevationTransitionError> for Error {
    fn from(_: domain::elevation::ElevationTransitionError) -> Self {
        Self::conflict(Conflict::Changed)
    }
}

impl From<domain::break_glass::PostReviewTransitionError> for Error {
    fn from(_: domain::break_glass::PostReviewTransitionError) -> Self {
        Self::conflict(Conflict::AlreadyDecided)
    }
}

impl From<domain::identity::IdentityTransitionError> for Error {
    fn from(_: domain::identity::IdentityTransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::finding::FindingTransitionError> for Error {
    fn from(_: domain::finding::FindingTransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::incident::IncidentTransitionError> for Error {
    fn from(_: domain::incident::IncidentTransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::incident::QuarantineTransitionError> for Error {
    fn from(_: domain::incident::QuarantineTransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::key_rotation::KeyRotationTransitionError> for Error {
    fn from(_: domain::key_rotation::KeyRotationTransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::suspension::SuspensionTransitionError> for Error {
    fn from(_: domain::suspension::SuspensionTransitionError) -> Self {
        Self::conflict(Conflict::WrongState)
    }
}

impl From<domain::ledger::ResourceTransitionError> for Error {
    fn from(error: domain::ledger::ResourceTransitionError) -> Self {
        Self::internal("ledger", error)
    }
}
