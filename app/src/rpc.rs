//! How pages get their data and send their forms: a function for each read, a server function for each act. Every one
//! authenticates, authorizes and validates in its use case; here is only the crossing. Arguments are raw text, so that
//! wrong input is our error and not the codec's.

pub(crate) mod access_events;
pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod break_glass;
pub(crate) mod compliance;
pub(crate) mod connections;
pub(crate) mod deployments;
pub(crate) mod directories;
pub(crate) mod elevations;
pub(crate) mod engines;
pub(crate) mod evaluation;
pub(crate) mod find;
pub(crate) mod findings;
pub(crate) mod groups;
pub(crate) mod help;
pub(crate) mod history;
pub(crate) mod identities;
pub(crate) mod incidents;
pub(crate) mod legal_holds;
pub(crate) mod notifications;
pub(crate) mod overview;
pub(crate) mod packages;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod performance;
pub(crate) mod policies;
pub(crate) mod resources;
pub(crate) mod reviews;
pub(crate) mod rollbacks;
pub(crate) mod saved_views;
pub(crate) mod search;
pub(crate) mod service_accounts;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod signing_keys;
pub(crate) mod suites;
pub(crate) mod waivers;

/// Every server function's path starts with it.
pub(crate) const PREFIX: &str = "/rpc/";

mod door {
    use control_plane::{ControlPlane, Error, OpCtx, people};
    use domain::error::ApiError;
    use http::request::Parts;
    use leptos::prelude::use_context;

    use crate::error::{UiError, reject, set_status};
    use crate::format::encode;
    use crate::layout::notices::Notice;
    use crate::outcome;

    /// The control plane and who asks. Read on the first line of a server function: contexts get lost later.
    pub(crate) fn enter() -> Result<(ControlPlane, OpCtx), UiError> {
        let ctx = use_context::<Parts>().and_then(|parts| parts.extensions.get::<OpCtx>().cloned());
        use_context::<ControlPlane>().zip(ctx).ok_or_else(|| {
            tracing::error!(
                "a server function ran without a control plane or without a caller in the request"
            );
            refuse(ApiError::Internal)
        })
    }

    /// Acts. Where the sign-in alone is too old and the password was sent along, once more with a sign-in of now.
    pub(crate) async fn act<F, T>(
        form: &F,
        password: &str,
        act: impl AsyncFn(&ControlPlane, &OpCtx, &F) -> Result<T, Error>,
    ) -> Result<Result<T, Error>, UiError> {
        let (cp, ctx) = enter()?;
        let first = act(&cp, &ctx, form).await;
        if password.is_empty() || !matches!(first, Err(Error::SignInTooOld { .. })) {
            return Ok(first);
        }
        if let Err(error) = people::confirm(&cp, &ctx, password).await {
            return Ok(Err(error));
        }
        outcome::confirm();
        let now = ctx.now();
        Ok(act(&cp, &ctx.with_sign_in(Some(now)), form).await)
    }

    /// An answer after which the same form can be sent again, corrected or later: it comes back as it was typed.
    pub(crate) const fn can_be_sent_again(error: &Error) -> bool {
        matches!(
            error,
            Error::SignInTooOld { .. }
                | Error::WrongCredentials
                | Error::TooMany
                | Error::Invalid(_)
                | Error::Conflict { .. }
        )
    }

    /// An error found before the use case.
    pub(crate) fn refuse(error: ApiError) -> UiError {
        set_status(error.status());
        UiError::Api(error)
    }

    /// What was found; or what is wrong with what was asked for, to be said in the form that asked.
    pub(crate) fn in_form<T>(found: Result<T, Error>) -> Result<Result<T, UiError>, UiError> {
        match found.map_err(reject) {
            Err(wrong @ UiError::Api(ApiError::Invalid { .. })) => Ok(Err(wrong)),
            other => other.map(Ok),
        }
    }

    /// A number from an address. What is no number names nothing.
    pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Result<T, UiError> {
        text.trim().parse().map_err(|_| refuse(ApiError::NotFound))
    }

    /// Sends the browser back to the page of what a form was about.
    pub(crate) fn back_to(place: &str, number: &str, notice: Notice) {
        let number = encode(number.trim());
        go(&format!("/{place}/{number}?notice={notice}"));
    }

    /// Sends the browser on after a successful form.
    pub(crate) fn go(path: &str) {
        leptos_axum::redirect(path);
    }
}

pub(crate) use door::{act, back_to, can_be_sent_again, enter, go, in_form, number};
