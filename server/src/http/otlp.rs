//! `POST /otlp/v1/traces`: spans of live agents over OTLP/HTTP, as Protocol Buffers or JSON, plain or gzip. An agent proves itself with the access token of its
//! own identity and speaks for its own deployment alone. Nothing is scored here: what is sampled is kept for the worker. Calls of tools
//! become access events.

mod genai;
mod wire;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, access_events, online};
use serde_json::json;

use super::body::announced;
use super::error::HttpError;
use super::oauth;
use super::web::Web;
use genai::READ;
use wire::Unreadable;

/// Most bytes of one call. Exporters send some hundred spans at a time.
const BODY_MAX: usize = 2 * 1_024 * 1_024;
const PROTOBUF: &str = "application/x-protobuf";

const TOO_MANY_WAIT: &str = "Too many sampled exchanges wait for their score.";

/// How a body is written, and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Json,
    Protobuf,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = text_of(headers, header::CONTENT_TYPE);
        let kind = kind.split(';').next().unwrap_or_default().trim();
        [(Self::Json, "application/json"), (Self::Protobuf, PROTOBUF)]
            .into_iter()
            .find_map(|(encoding, name)| kind.eq_ignore_ascii_case(name).then_some(encoding))
    }

    fn read(self, body: &[u8]) -> Result<genai::Read, Unreadable> {
        genai::read(match self {
            Self::Json => wire::json(body, &READ),
            Self::Protobuf => wire::protobuf(body, &READ),
        }?)
    }

    /// The answer of the protocol: empty, or how many spans were not kept and why.
    fn answer(self, dropped: u64) -> Response {
        match self {
            Self::Json if dropped == 0 => Json(json!({})).into_response(),
            Self::Json => Json(json!({ "partialSuccess": {
                "rejectedSpans": dropped.to_string(),
                "errorMessage": TOO_MANY_WAIT,
            } }))
            .into_response(),
            Self::Protobuf => {
                let rejected = i64::try_from(dropped).unwrap_or(i64::MAX);
                let body = wire::partial_success(rejected, TOO_MANY_WAIT);
                ([(header::CONTENT_TYPE, PROTOBUF)], body).into_response()
            }
        }
    }
}

/// Takes spans in.
pub(crate) async fn traces(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    request: Request,
) -> Result<Response, HttpError> {
    // Nothing of the body is read for a stranger.
    let claims = oauth::agent(&web, &ctx, &request).await?;
    let headers = request.headers();
    let encoding = Encoding::of(headers).ok_or_else(|| {
        unsupported(
            "unsupported_media_type",
            "Send OTLP as application/x-protobuf or application/json.",
        )
    })?;
    let packed = is_packed(headers)?;
    if announced(&request).is_some_and(|length| length > BODY_MAX) {
        return Err(HttpError::too_large());
    }
    let body = to_bytes(request.into_body(), BODY_MAX).await;
    let body = body.map_err(|_| HttpError::too_large())?;
    let spans = if packed {
        wire::unpack(&body, BODY_MAX).and_then(|plain| encoding.read(&plain))
    } else {
        encoding.read(&body)
    };
    let read = spans.map_err(|why| match why {
        Unreadable::Form => HttpError::bad_request("The body is no OTLP trace request."),
        Unreadable::TooMany => HttpError::too_large(),
    })?;
    // What an agent did first: it is known when it comes again, should the rest be refused or fail.
    access_events::from_traces(web.cp(), &ctx, &claims.client_id, read.tools).await?;
    let received = online::receive(web.cp(), &ctx, &claims.client_id, read.exchanges).await?;
    Ok(encoding.answer(received.dropped))
}

/// Is the body compressed?
///
/// # Errors
/// 415 for a compression that is not read.
fn is_packed(headers: &HeaderMap) -> Result<bool, HttpError> {
    match text_of(headers, header::CONTENT_ENCODING) {
        "" | "identity" => Ok(false),
        "gzip" => Ok(true),
        _ => Err(unsupported(
            "unsupported_encoding",
            "Send OTLP without compression, or as gzip.",
        )),
    }
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> &str {
    let value = headers.get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn unsupported(code: &'static str, message: &'static str) -> HttpError {
    HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message)
}
