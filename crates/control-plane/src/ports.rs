//! Ports: what Clearance needs from outside, in its own words. Adapters live in `server/src/adapters`, fakes in [`crate::fakes`].
//!
//! Every method that changes the world is idempotent by the name it is given.

use std::sync::Arc;

pub mod anchors;
pub mod ci;
pub mod clock;
pub mod embedder;
pub mod evaluator;
pub mod git_host;
pub mod identity_provider;
pub mod image_builder;
pub mod notifier;
pub mod runtime;
pub mod scanner;
pub mod secrets;
pub mod sign_in;
pub mod witnesses;

/// Why a call to the outside did not work.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PortError {
    pub kind: PortErrorKind,
    /// For the deployment's log and page: what happened and what to do. Never holds a secret.
    pub message: String,
    #[source]
    pub source: Option<crate::error::Source>,
}

/// What kind of trouble, and so what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortErrorKind {
    /// No answer, or "later": try again.
    Unavailable,
    /// The other side understood and said no: the content is wrong, the limit is reached.
    Rejected,
    /// The thing is not there.
    NotFound,
    /// The other side spoke nonsense.
    Protocol,
}

impl PortError {
    /// A fresh error.
    pub fn new(kind: PortErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// With what lies underneath.
    #[must_use]
    pub fn because(mut self, source: impl Into<crate::error::Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Is another try worth it?
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self.kind {
            PortErrorKind::Unavailable | PortErrorKind::Protocol => true,
            PortErrorKind::Rejected | PortErrorKind::NotFound => false,
        }
    }
}

/// Every port, as the wiring put them together.
#[derive(Clone)]
pub struct Ports {
    pub git_host: Arc<dyn git_host::GitHost>,
    pub image_builder: Arc<dyn image_builder::ImageBuilder>,
    pub scanner: Arc<dyn scanner::Scanner>,
    pub evaluator: Arc<dyn evaluator::Evaluator>,
    pub identity_provider: Arc<dyn identity_provider::IdentityProvider>,
    pub runtime: Arc<dyn runtime::Runtime>,
    pub secrets: Arc<dyn secrets::Secrets>,
    pub notifier: Arc<dyn notifier::Notifier>,
    pub sign_in: Arc<dyn sign_in::SignIn>,
    pub ci: Arc<dyn ci::CiIssuers>,
    pub witnesses: Arc<dyn witnesses::Witnesses>,
    pub anchors: Arc<dyn anchors::Anchors>,
    pub embedder: Arc<dyn embedder::Embedder>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// Where a step of a long call tells what it does; lines end up in the deployment's log.
pub type LogSink = tokio::sync::mpsc::UnboundedSender<(domain::deployment::LogLevel, String)>;
