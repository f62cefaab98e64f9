//! Errors as RFC 9457 `application/problem+json`: a code, the wrong fields, the request's id, and nothing internal.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::error::ApiError;
use domain::view::policy::PolicyRefusal;
use serde_json::{Map, Value, json};

/// What a caller gets instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    status: StatusCode,
    code: &'static str,
    title: String,
    api: Option<ApiError>,
    /// What exactly is wrong with a policy.
    policy: Option<Box<PolicyRefusal>>,
}

impl HttpError {
    /// An error of the transport: found before any use case ran.
    pub(crate) fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            api: None,
            policy: None,
        }
    }

    pub(crate) fn bad_request(title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", title)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The body is larger than this address takes.",
        )
    }

    pub(crate) fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Too much is being sent at the moment. Try again in a few seconds.",
        )
    }

    pub(crate) fn not_found() -> Self {
        ApiError::NotFound.into()
    }

    pub(crate) fn internal() -> Self {
        ApiError::Internal.into()
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    fn problem(&self) -> Value {
        let mut problem = Map::new();
        problem.insert("type".to_owned(), json!("about:blank"));
        problem.insert("title".to_owned(), json!(self.title));
        problem.insert("status".to_owned(), json!(self.status.as_u16()));
        problem.insert("code".to_owned(), json!(self.code));
        match &self.api {
            Some(ApiError::Invalid { fields }) => {
                let fields = fields.fields.iter();
                let fields: Vec<Value> = fields.map(|(name, p)| json!({ "field": name, "problem": p.as_str(), "message": p.message() })).collect();
                problem.insert("fields".to_owned(), Value::Array(fields));
            }
            Some(ApiError::Conflict { why }) => {
                drop(problem.insert("reason".to_owned(), json!(why.as_str())))
            }
            Some(ApiError::Excluded { rule }) => {
                drop(problem.insert("reason".to_owned(), json!(rule.as_str())))
            }
            Some(ApiError::Forbidden { action }) => {
                drop(problem.insert("action".to_owned(), json!(action.as_str())))
            }
            Some(ApiError::SignInTooOld { minutes }) => {
                drop(problem.insert("minutes".to_owned(), json!(minutes)))
            }
            Some(
                ApiError::NotFound
                | ApiError::Unauthenticated
                | ApiError::WrongCredentials
                | ApiError::TooMany
                | ApiError::Unavailable
                | ApiError::Recovery
                | ApiError::Internal,
            )
            | None => {}
        }
        if let Some(refusal) = &self.policy {
            problem.insert("problems".to_owned(), json!(refusal.problems));
            problem.insert("teams".to_owned(), json!(refusal.teams));
        }
        if let Some(id) = super::request::current_id() {
            problem.insert("request_id".to_owned(), json!(id));
        }
        Value::Object(problem)
    }
}

impl From<ApiError> for HttpError {
    fn from(error: ApiError) -> Self {
        let status =
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            code: error.code(),
            title: error.to_string(),
            api: Some(error),
            policy: None,
        }
    }
}

impl From<control_plane::Error> for HttpError {
    fn from(error: control_plane::Error) -> Self {
        let told = Self::from(error.to_api());
        if let control_plane::Error::Policy(refusal) = error {
            return Self {
                policy: Some(refusal),
                ..told
            };
        }
        told
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.problem().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"clearance\""),
            );
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE
            || self.status == StatusCode::TOO_MANY_REQUESTS
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
