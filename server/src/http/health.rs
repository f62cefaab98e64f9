//! `/health/live`, `/health/ready`, `/metrics`: for whoever operates the server. They tell nothing about its content.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::error::HttpError;
use super::web::Web;

/// The process answers.
pub(crate) async fn live() -> Response {
    Json(json!({ "status": "live" })).into_response()
}

/// The database answers too.
pub(crate) async fn ready(State(web): State<Web>) -> Response {
    match web.cp().ready().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::warn!(error = %error.chain(), "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({ "status": "not_ready", "dependency": "database" })),
            )
                .into_response()
        }
    }
}

/// Rates and durations in Prometheus' text form.
pub(crate) async fn metrics(State(web): State<Web>) -> Result<Response, HttpError> {
    let handle = web.metrics().ok_or_else(HttpError::not_found)?;
    handle.run_upkeep();
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        handle.render(),
    )
        .into_response())
}
