//! `POST /otlp/v1/traces`: spans of live agents over OTLP/HTTP, as JSON. An agent proves itself with the access token of its
//! own identity and speaks for its own deployment alone. Nothing is scored here: what is sampled is kept for the worker.

mod genai;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{Error, OpCtx, online};
use serde_json::json;

use super::body::announced;
use super::error::HttpError;
use super::session::bearer;
use super::web::Web;
use genai::Unreadable;

/// Most bytes of one call. Exporters send some hundred spans at a time.
const BODY_MAX: usize = 2 * 1_024 * 1_024;

/// Takes spans in. The answer is that of the protocol: empty, or how many spans were not kept and why.
pub(crate) async fn traces(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    request: Request,
) -> Result<Response, HttpError> {
    let headers = request.headers();
    // Nothing of the body is read for a stranger.
    let token = bearer(headers).ok_or(Error::Unauthenticated)?;
    let claims = web.tokens().verify(token, web.base_url(), web.now());
    let claims = claims.ok_or(Error::Unauthenticated)?;
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(HttpError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send OTLP as application/json; a collector turns the binary encoding into it.",
        ));
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(HttpError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_encoding",
            "Send OTLP without compression.",
        ));
    }
    if announced(&request).is_some_and(|length| length > BODY_MAX) {
        return Err(HttpError::too_large());
    }
    let body = to_bytes(request.into_body(), BODY_MAX).await;
    let body = body.map_err(|_| HttpError::too_large())?;
    let spans = genai::read(&body).map_err(|why| match why {
        Unreadable::Form => HttpError::bad_request("The body is no OTLP trace request."),
        Unreadable::TooMany => HttpError::too_large(),
    })?;
    let received = online::receive(web.cp(), &ctx, &claims.sub, spans).await?;
    let answer = if received.dropped == 0 {
        json!({})
    } else {
        let message = "Too many sampled exchanges wait for their score.";
        json!({ "partialSuccess": { "rejectedSpans": received.dropped.to_string(), "errorMessage": message } })
    };
    Ok(Json(answer).into_response())
}
