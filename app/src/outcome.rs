//! Answers that are shown once, on the page that the form came from: a secret that was just made, what an agent said,
//! what is wrong with a policy or a decision and the text that was typed.
//! They cannot be in an address and are kept nowhere, so the answer to the form is the page itself. The server puts an
//! empty [`Outcome`] into the request, the server function fills it, and the page that is rendered next reads it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use domain::form::approval::DecisionForm;
use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::form::catalogue::ResourceForm;
use domain::form::policy::{PolicyDecisionForm, PolicyForm};
use domain::form::service_account::{ServiceAccountForm, TrustForm};
use domain::form::suite::SuiteForm;
use domain::view::agent::AskAnswer;
use domain::view::connection::NewConnection;
use domain::view::notification::NewChannel;
use domain::view::policy::PolicyRefusal;
use domain::view::session::NewToken;
use domain::view::suite::SuiteCheck;
use http::request::Parts;
use leptos::prelude::use_context;

use crate::error::UiError;

/// What is to be shown.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    Connected(NewConnection),
    TokenMade(NewToken),
    ChannelAdded(NewChannel),
    Asked(AskAnswer),
    /// What a suite file is worth, with the file.
    SuiteChecked(SuiteForm, SuiteCheck),
    PolicyRefused(PolicyForm, PolicyRefusal),
    /// A decision that was not taken, with what was typed.
    Undecided(DecisionForm, UiError),
    /// The same about a policy.
    PolicyUndecided(PolicyDecisionForm, UiError),
    /// A deployment that was not let through, with what was typed.
    NotLetThrough(BreakGlassForm, UiError),
    /// A post-review that stays open, with what was typed.
    StillOwed(PostReviewForm, UiError),
    /// A resource that was not described, with what was typed.
    NotDescribed(ResourceForm, UiError),
    /// A service account that was not made, with what was typed.
    AccountNotMade(ServiceAccountForm, UiError),
    /// A trust rule that was not added, with what was typed.
    NotTrusted(TrustForm, UiError),
    /// A form that was sent after its session had ended, with the texts that were typed into it.
    SentTooLate(Vec<String>),
}

/// The place for it in a request. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Outcome(Arc<OnceLock<(String, Shown)>>, Arc<AtomicBool>);

impl Outcome {
    /// A form was sent after its session had ended; the page at `path` shows the texts again, to be copied. They are in its answer
    /// alone.
    #[must_use]
    pub fn sent_too_late(path: String, texts: Vec<String>) -> Self {
        let shown = OnceLock::from((path, Shown::SentTooLate(texts)));
        Self(Arc::new(shown), Arc::default())
    }

    /// The path of the page that shows it; `None` as long as there is nothing to show.
    #[must_use]
    pub fn page(&self) -> Option<&str> {
        self.0.get().map(|(page, _)| page.as_str())
    }

    /// The person gave their password again: the session is to know it.
    #[must_use]
    pub fn confirmed(&self) -> bool {
        self.1.load(Ordering::Acquire)
    }
}

fn of_request() -> Option<Outcome> {
    use_context::<Parts>()?.extensions.get::<Outcome>().cloned()
}

/// Has the answer shown on the page at `path`.
pub(crate) fn show(path: String, shown: Shown) {
    match of_request() {
        // Only the first counts; a request has one function.
        Some(outcome) => drop(outcome.0.set((path, shown))),
        None => tracing::error!(
            path,
            "an answer has no place in its request, so nobody sees it"
        ),
    }
}

/// Has the session know that its person gave their password again.
pub(crate) fn confirm() {
    if let Some(outcome) = of_request() {
        outcome.1.store(true, Ordering::Release);
    }
}

/// What this page is to show, if it answers a form.
pub(crate) fn shown() -> Option<Shown> {
    of_request()?.0.get().map(|(_, shown)| shown.clone())
}
