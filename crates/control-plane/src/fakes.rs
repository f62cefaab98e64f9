//! Fakes of every port that behave: they keep what they are told, answer from it, and fail on command.
//!
//! They are no mocks: nothing is expected of the caller. A test looks at what is there afterwards.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod anchors;
mod ci;
mod clock;
mod embedder;
mod faults;
mod git_host;
mod identity_provider;
mod image_builder;
mod notifier;
mod runtime;
mod secrets;
mod sign_in;
mod verdicts;
mod witnesses;

pub use anchors::FakeAnchors;
pub use ci::FakeCi;
pub use clock::ManualClock;
pub use embedder::FakeEmbedder;
pub use faults::{Call, Fault, Faults};
pub use git_host::{FakeGitHost, Files, NewCommit};
pub use identity_provider::FakeIdentityProvider;
pub use image_builder::FakeImageBuilder;
pub use notifier::FakeNotifier;
pub use runtime::{FakeRuntime, Start};
pub use secrets::FakeSecrets;
pub use sign_in::{FakeSignIn, proven};
pub use verdicts::{FakeEvaluator, FakeScanner, Verdicts};
pub use witnesses::FakeWitnesses;

use crate::ports::Ports;

/// One of every fake, sharing one journal of calls.
#[derive(Debug, Clone)]
pub struct Fakes {
    /// The journal of calls, and the trouble to make.
    pub faults: Arc<Faults>,
    /// Repositories.
    pub git: Arc<FakeGitHost>,
    /// Images.
    pub images: Arc<FakeImageBuilder>,
    /// What scanner and evaluator conclude.
    pub verdicts: Arc<Verdicts>,
    /// Principals.
    pub identities: Arc<FakeIdentityProvider>,
    /// Running agents.
    pub runtime: Arc<FakeRuntime>,
    /// Secrets.
    pub secrets: Arc<FakeSecrets>,
    /// What was sent to people and channels.
    pub notifier: Arc<FakeNotifier>,
    /// Sign-in providers.
    pub sign_in: Arc<FakeSignIn>,
    /// Issuers of a CI's tokens.
    pub ci: Arc<FakeCi>,
    /// Witnesses of the audit log.
    pub witnesses: Arc<FakeWitnesses>,
    /// Where heads of the audit log are written down.
    pub anchors: Arc<FakeAnchors>,
    /// A model of language.
    pub embedder: Arc<FakeEmbedder>,
}

impl Fakes {
    /// A fresh set: empty, and without trouble.
    #[must_use]
    pub fn new() -> Self {
        let faults = Arc::new(Faults::default());
        let secrets = Arc::new(FakeSecrets::new(Arc::clone(&faults)));
        Self {
            git: Arc::new(FakeGitHost::new(Arc::clone(&faults))),
            images: Arc::new(FakeImageBuilder::new(Arc::clone(&faults))),
            verdicts: Arc::new(Verdicts::default()),
            identities: Arc::new(FakeIdentityProvider::new(Arc::clone(&faults))),
            runtime: Arc::new(FakeRuntime::new(Arc::clone(&faults))),
            notifier: Arc::new(FakeNotifier::new(Arc::clone(&faults), Arc::clone(&secrets))),
            sign_in: Arc::new(FakeSignIn::new(Arc::clone(&faults))),
            ci: Arc::new(FakeCi::new(Arc::clone(&faults))),
            witnesses: Arc::new(FakeWitnesses::new(Arc::clone(&faults))),
            anchors: Arc::new(FakeAnchors::new(Arc::clone(&faults))),
            embedder: Arc::new(FakeEmbedder::new(Arc::clone(&faults))),
            secrets,
            faults,
        }
    }

    /// The fakes as ports.
    #[must_use]
    pub fn ports(&self) -> Ports {
        let (faults, verdicts) = (&self.faults, &self.verdicts);
        Ports {
            git_host: self.git.clone(),
            image_builder: self.images.clone(),
            scanner: Arc::new(FakeScanner::new(Arc::clone(faults), Arc::clone(verdicts))),
            evaluator: Arc::new(FakeEvaluator::new(Arc::clone(faults), Arc::clone(verdicts))),
            identity_provider: self.identities.clone(),
            runtime: self.runtime.clone(),
            secrets: self.secrets.clone(),
            notifier: self.notifier.clone(),
            sign_in: self.sign_in.clone(),
            ci: self.ci.clone(),
            witnesses: self.witnesses.clone(),
            anchors: self.anchors.clone(),
            embedder: self.embedder.clone(),
        }
    }
}

impl Default for Fakes {
    fn default() -> Self {
        Self::new()
    }
}

/// The content of a lock, also after a test panicked while holding it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
