//! `POST /add-checkpoint`, and whether the witness is there at all.

use std::sync::Arc;
use std::time::Duration;

use audit_log::{MAX_REQUEST_BYTES, SIZE_TYPE};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::witness::{Answer, Witness, WitnessFault};

/// How long one request may take, its body included.
const WITHIN: Duration = Duration::from_secs(10);
/// Requests in progress; more wait.
const AT_ONCE: usize = 64;

/// The routes of a witness. `now` tells the time, in seconds since 1970 UTC.
pub fn router(witness: Arc<Witness>, now: fn() -> u64) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/health/live", get(|| async { "ok\n" }))
        .with_state(Served { witness, now })
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            WITHIN,
        ))
        .layer(GlobalConcurrencyLimitLayer::new(AT_ONCE))
}

#[derive(Clone)]
struct Served {
    witness: Arc<Witness>,
    now: fn() -> u64,
}

async fn add_checkpoint(State(served): State<Served>, body: Bytes) -> Response {
    // It waits for a lock and for the disk.
    let judged =
        tokio::task::spawn_blocking(move || served.witness.add_checkpoint(&body, (served.now)()));
    match judged.await {
        Ok(Ok(answer)) => response(answer),
        Ok(Err(fault)) => unable(&fault),
        Err(error) => {
            tracing::error!(%error, "a request could not be judged");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn response(answer: Answer) -> Response {
    let text = |status: StatusCode, text: &'static str| (status, text).into_response();
    match answer {
        Answer::Signed(line) => line.into_response(),
        Answer::Malformed => text(StatusCode::BAD_REQUEST, "no request to a witness\n"),
        Answer::NotSigned => text(
            StatusCode::FORBIDDEN,
            "not signed by the key that is known of this log\n",
        ),
        Answer::UnknownLog => text(StatusCode::NOT_FOUND, "this log is not followed\n"),
        Answer::Seen(size) => (
            StatusCode::CONFLICT,
            [(CONTENT_TYPE, SIZE_TYPE)],
            format!("{size}\n"),
        )
            .into_response(),
        Answer::NotGrown => text(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the proof does not lead from what was seen to this checkpoint\n",
        ),
    }
}

fn unable(fault: &WitnessFault) -> Response {
    tracing::error!(error = %fault, source = ?std::error::Error::source(fault), "nothing is signed");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "the witness cannot use its memory, and signs nothing\n",
    )
        .into_response()
}
