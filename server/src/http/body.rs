//! Bounds on request bodies. The announced length is refused before anything is read; what was not announced is cut off
//! at the limit.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::Limited;

use super::error::HttpError;

/// Most bytes of a form or an API call. The longest texts in them are prompts and reasons.
pub(crate) const FORM_MAX: usize = 256 * 1_024;

/// Holds a body to [`FORM_MAX`].
pub(crate) async fn limit(request: Request, next: Next) -> Response {
    if announced(&request).is_some_and(|length| length > FORM_MAX) {
        return HttpError::too_large().into_response();
    }
    let (parts, body) = request.into_parts();
    let bounded = if body.is_end_stream() {
        body
    } else {
        Body::new(Limited::new(body, FORM_MAX))
    };
    next.run(Request::from_parts(parts, bounded)).await
}

/// The length in the header. One that is no number counts as too long.
pub(crate) fn announced(request: &Request) -> Option<usize> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    Some(
        value
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(usize::MAX),
    )
}
