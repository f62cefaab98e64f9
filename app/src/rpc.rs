//! How pages get their data and send their forms: a function for each read, a server function for each act. Every one
//! authenticates, authorizes and validates in its use case; here is only the crossing. Arguments are raw text, so that
//! wrong input is our error and not the codec's.

pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod break_glass;
pub(crate) mod connections;
pub(crate) mod deployments;
pub(crate) mod elevations;
pub(crate) mod evaluation;
pub(crate) mod findings;
pub(crate) mod groups;
pub(crate) mod incidents;
pub(crate) mod notifications;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod rollbacks;
pub(crate) mod session;
pub(crate) mod waivers;

/// Every server function's path starts with it.
pub(crate) const PREFIX: &str = "/rpc/";

mod door {
    use control_plane::{ControlPlane, Error, OpCtx, people};
    use domain::error::ApiError;
    use http::request::Parts;
    use leptos::prelude::use_context;

    use crate::error::{UiError, set_status};
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

    /// The act was refused for an old sign-in alone, and the password that makes it a new one was sent along.
    pub(crate) fn can_be_proven<T>(outcome: &Result<T, Error>, password: &str) -> bool {
        matches!(outcome, Err(Error::SignInTooOld { .. })) && !password.is_empty()
    }

    /// Who asks, with a sign-in of now: they gave their password beside the form.
    pub(crate) async fn proven(
        cp: &ControlPlane,
        ctx: OpCtx,
        password: &str,
    ) -> Result<OpCtx, Error> {
        people::confirm(cp, &ctx, password).await?;
        outcome::confirm();
        let now = ctx.now();
        Ok(ctx.with_sign_in(Some(now)))
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

    /// A number from an address. What is no number names nothing.
    pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Result<T, UiError> {
        text.trim().parse().map_err(|_| refuse(ApiError::NotFound))
    }

    /// Sends the browser on after a successful form.
    pub(crate) fn go(path: &str) {
        leptos_axum::redirect(path);
    }
}

pub(crate) use door::{can_be_proven, can_be_sent_again, enter, go, number, proven};
