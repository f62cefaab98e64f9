//! What can go wrong between a page and the server, as the page shows it. Closed: no free text crosses, because an error
//! of a form post without script travels in the address and anybody can write an address.

use domain::error::{ApiError, FieldProblem, ValidationErrors};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// An answer other than the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum UiError {
    /// The server answered with an error of its own.
    Api(ApiError),
    /// The server did not answer, or not in our language.
    Transport,
}

impl UiError {
    /// The sentence people read.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Api(error) => error.to_string(),
            Self::Transport => {
                "Clearance did not answer. Nothing is known to have changed. Try again in a moment."
                    .to_owned()
            }
        }
    }

    /// What is wrong with one field of the form that was sent.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<FieldProblem> {
        match self {
            Self::Api(ApiError::Invalid { fields }) => fields.get(name),
            Self::Api(_) | Self::Transport => None,
        }
    }
}

impl From<ApiError> for UiError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::Api(ApiError::Invalid {
                    fields: ValidationErrors::default(),
                })
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => Self::Transport,
        }
    }
}

pub(crate) use status::{reject, set_status};

mod status {
    use domain::error::ApiError;
    use http::header::ACCEPT;
    use http::request::Parts;
    use http::{Method, StatusCode};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::UiError;
    use crate::rpc::PREFIX;

    /// Turns an error of a use case into the answer, and sets the response's status.
    pub(crate) fn reject(error: control_plane::Error) -> UiError {
        let error = error.to_api();
        set_status(error.status());
        UiError::Api(error)
    }

    /// Sets the status, but for a plain form post, whose redirect it would override, and for a page that is about to
    /// send its visitor to the sign-in page.
    pub(crate) fn set_status(status: u16) {
        let (Some(parts), Some(options)) =
            (use_context::<Parts>(), use_context::<ResponseOptions>())
        else {
            return;
        };
        let rpc = parts.uri.path().starts_with(PREFIX);
        let page = !rpc && parts.method == Method::GET;
        let html = parts
            .headers
            .get(ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("text/html"));
        let signs_in = page && html && status == ApiError::Unauthenticated.status();
        if let (false, false, Ok(status)) = (rpc && html, signs_in, StatusCode::from_u16(status)) {
            options.set_status(status);
        }
    }
}
