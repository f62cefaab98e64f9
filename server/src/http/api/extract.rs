//! Reading an API request, with problems in our own form when it cannot be read.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::error::HttpError;

/// A JSON body.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(HttpError))]
pub(crate) struct Body<T>(pub(crate) T);

/// The query.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(HttpError))]
pub(crate) struct Query<T>(pub(crate) T);

/// A part of the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(HttpError))]
pub(crate) struct Path<T>(pub(crate) T);

impl From<JsonRejection> for HttpError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send JSON with `Content-Type: application/json`.",
            ),
            _ => Self::bad_request("The body is not the JSON object that this operation takes."),
        }
    }
}

impl From<QueryRejection> for HttpError {
    fn from(_: QueryRejection) -> Self {
        Self::bad_request("The query cannot be read.")
    }
}

/// What cannot be a number or a name names nothing.
impl From<PathRejection> for HttpError {
    fn from(_: PathRejection) -> Self {
        Self::not_found()
    }
}

/// Place of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Cursor {
    /// Where the page starts: `next` of the page before.
    pub(crate) cursor: String,
}

/// The revision of `If-Match: "7"`; empty when the caller does not care.
pub(crate) fn if_match(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::IF_MATCH)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if value == "*" {
        String::new()
    } else {
        value.trim_start_matches("W/").trim_matches('"').to_owned()
    }
}
