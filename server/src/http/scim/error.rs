//! Errors as SCIM has them (RFC 7644, section 3.12): a status, a word where there is one, and a sentence. Nothing internal.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control_plane::Error;
use domain::directory::{Problem, ProblemKind};
use serde_json::{Map, Value, json};

use super::answer;

const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What a directory gets instead of an answer.
#[derive(Debug)]
pub(super) struct ScimError {
    status: StatusCode,
    word: Option<ProblemKind>,
    detail: String,
}

impl ScimError {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            word: None,
            detail: detail.into(),
        }
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Send the token of this directory as a bearer token.",
        )
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such resource.")
    }

    pub(super) fn syntax(detail: &'static str) -> Self {
        Problem::new(ProblemKind::InvalidSyntax, detail).into()
    }
}

impl From<Problem> for ScimError {
    fn from(problem: Problem) -> Self {
        let (status, is_word) = match problem.kind {
            ProblemKind::Uniqueness => (StatusCode::CONFLICT, true),
            ProblemKind::Changed => (StatusCode::PRECONDITION_FAILED, false),
            ProblemKind::LastAdministrator => (StatusCode::FORBIDDEN, false),
            ProblemKind::InvalidFilter
            | ProblemKind::InvalidSyntax
            | ProblemKind::InvalidPath
            | ProblemKind::InvalidValue
            | ProblemKind::Mutability
            | ProblemKind::TooMany => (StatusCode::BAD_REQUEST, true),
        };
        Self {
            status,
            word: is_word.then_some(problem.kind),
            detail: problem.detail.to_owned(),
        }
    }
}

impl From<Error> for ScimError {
    fn from(error: Error) -> Self {
        if let Error::Directory(problem) = error {
            return problem.into();
        }
        let told = error.to_api();
        let status = StatusCode::from_u16(told.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status == StatusCode::NOT_FOUND {
            return Self::not_found();
        }
        Self::new(status, told.to_string())
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = Map::new();
        body.insert("schemas".to_owned(), json!([SCHEMA]));
        body.insert("status".to_owned(), json!(self.status.as_str()));
        if let Some(word) = self.word {
            body.insert("scimType".to_owned(), json!(word.as_str()));
        }
        body.insert("detail".to_owned(), json!(self.detail));
        let mut response = answer(self.status, &Value::Object(body));
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"clearance scim\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS
            || self.status == StatusCode::SERVICE_UNAVAILABLE
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
