//! One request: its id, its span, its time limit, its metrics. Outermost of the layers that can answer.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use tracing::Instrument as _;

use super::error::HttpError;

/// Carries the request's id in every answer.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest name that a caller gives a request.
const NAME_MAX: usize = 128;
/// Longest time until an answer begins. Asking an agent takes longest.
const LIMIT: Duration = Duration::from_secs(150);

tokio::task_local! {
    static ID: String;
}

/// The id of a request. Made here; one that a caller sends is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) String);

/// The id of the request that this task answers.
pub(crate) fn current_id() -> Option<String> {
    ID.try_with(Clone::clone).ok()
}

fn new_id() -> String {
    crate::keys::random::<16>()
        .map(hex::encode)
        .unwrap_or_else(|_| "unknown".to_owned())
}

/// Gives the request its id and span; answers in its place when it panics or takes too long.
pub(crate) async fn frame(mut request: Request, next: Next) -> Response {
    let id = new_id();
    let theirs = named_by_caller(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", %method, route, request_id = %id);
    let started = Instant::now();
    let answer = ID
        .scope(id.clone(), guarded(request, next))
        .instrument(span.clone())
        .await;
    let status = answer.status();
    let took = started.elapsed();
    span.in_scope(|| {
        tracing::info!(
            status = status.as_u16(),
            milliseconds = took.as_secs_f64() * 1_000.0,
            "answered"
        )
    });
    let labels = [
        ("route", route),
        ("method", method.to_string()),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("clearance_http_requests_total", &labels).increment(1);
    metrics::histogram!("clearance_http_request_seconds", &labels[..2]).record(took.as_secs_f64());
    with_id(answer, theirs.as_deref().unwrap_or(&id))
}

/// The name that a program gives its question, which the Authorization API has in the answer. It is told to that program alone:
/// our log and the audit log know the request by our own.
fn named_by_caller(request: &Request) -> Option<String> {
    if !request.uri().path().starts_with("/access/v1/") {
        return None;
    }
    let name = request.headers().get(HEADER)?.to_str().ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    let short = (1..=NAME_MAX).contains(&name.len());
    (short && name.bytes().all(plain)).then(|| name.to_owned())
}

async fn guarded(request: Request, next: Next) -> Response {
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(LIMIT, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            HttpError::internal().into_response()
        }
        Err(_) => HttpError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "timeout",
            "This took too long and was given up.",
        )
        .into_response(),
    }
}

fn with_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
