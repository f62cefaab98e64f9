//! `Idempotency-Key`: a caller who got no answer can ask again without doing it twice.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use control_plane::{ControlPlane, Error, OpCtx, tokens};
use serde::Serialize;

use crate::http::error::HttpError;

const HEADER: &str = "idempotency-key";
const KEY_MAX: usize = 200;

/// The key of a request, if it has one, and what was asked.
#[derive(Debug)]
pub(crate) struct Once {
    key: Option<String>,
    operation: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let key = parts
            .headers
            .get(HEADER)
            .map(|v| v.to_str().unwrap_or_default().to_owned());
        Ok(Self {
            key,
            operation: format!("{} {}", parts.method, parts.uri.path()),
        })
    }
}

impl Once {
    /// Does the work and answers with its result, or gives the answer that this key got before.
    pub(crate) async fn answer<F, T>(
        &self,
        cp: &ControlPlane,
        ctx: &OpCtx,
        form: &F,
        status: StatusCode,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<Response, HttpError>
    where
        F: Serialize,
        T: Serialize,
    {
        let Some(key) = &self.key else {
            return Ok(json(status, text(&work.await?)?));
        };
        if key.is_empty() || key.len() > KEY_MAX || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(HttpError::bad_request(
                "Idempotency-Key takes 1 to 200 visible ASCII characters.",
            ));
        }
        let request = format!("{}\n{}", self.operation, text(form)?);
        if let Some((status, body)) = tokens::answered(cp, ctx, key, request.as_bytes()).await? {
            return Ok(json(
                StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
                body,
            ));
        }
        let body = text(&work.await?)?;
        // The work is done and its answer is due, also when it cannot be kept.
        if let Err(error) =
            tokens::keep_answer(cp, ctx, key, request.as_bytes(), status.as_u16(), &body).await
        {
            tracing::warn!(error = %error.chain(), "an answer could not be kept under its idempotency key");
        }
        Ok(json(status, body))
    }
}

fn text<T: Serialize>(value: &T) -> Result<String, HttpError> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        HttpError::internal()
    })
}

fn json(status: StatusCode, body: String) -> Response {
    (
        status,
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )],
        body,
    )
        .into_response()
}
