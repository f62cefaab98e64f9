//! Webhooks of git hosts. Reads bounded bytes and a few headers, and hands both over as they came: nothing is parsed here,
//! and nothing of the body is believed before the control plane has checked it.

pub(crate) mod azure_devops;
pub(crate) mod github;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use control_plane::sources::{self, RawDelivery};
use control_plane::{Error, OpCtx};
use domain::error::{ApiError, Conflict};
use futures::StreamExt as _;
use serde_json::json;
use tokio::sync::SemaphorePermit;

use super::body::announced;
use super::error::HttpError;
use super::web::{BUDGET_UNIT, Web};

/// GitHub's own limit on a delivery.
const BODY_MAX: usize = 25 * 1_024 * 1_024;
/// Headers are words and ids.
const HEADER_MAX: usize = 1_024;

/// A body in memory, and its share of the budget for all bodies.
struct Taken<'a> {
    bytes: Vec<u8>,
    _shares: Vec<SemaphorePermit<'a>>,
}

/// Reads the body within the limit and the budget.
async fn read<'a>(web: &'a Web, request: Request) -> Result<Taken<'a>, HttpError> {
    if announced(&request).is_some_and(|length| length > BODY_MAX) {
        return Err(HttpError::too_large());
    }
    let mut bytes: Vec<u8> = Vec::new();
    let mut shares = Vec::new();
    let mut paid = 0;
    let mut stream = request.into_body().into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| HttpError::bad_request("The body ended early."))?;
        if bytes.len() + chunk.len() > BODY_MAX {
            return Err(HttpError::too_large());
        }
        let due = (bytes.len() + chunk.len()).div_ceil(BUDGET_UNIT) - paid;
        if due > 0 {
            let permits = u32::try_from(due).map_err(|_| HttpError::too_large())?;
            shares.push(
                web.webhook_budget()
                    .try_acquire_many(permits)
                    .map_err(|_| HttpError::busy())?,
            );
            paid += due;
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Taken {
        bytes,
        _shares: shares,
    })
}

/// One header, sent once.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    (values.next().is_none() && value.len() <= HEADER_MAX).then(|| value.to_owned())
}

/// Hands a delivery over and answers with its id, which is durable by then.
async fn receive(web: &Web, ctx: &OpCtx, raw: RawDelivery) -> Result<Response, HttpError> {
    match sources::receive(web.cp(), ctx, raw).await {
        Ok(received) => {
            let status = if received.fresh {
                StatusCode::ACCEPTED
            } else {
                StatusCode::OK
            };
            Ok((status, Json(json!({ "delivery": received.id }))).into_response())
        }
        // What was signed but cannot be read is the sender's error in form, not in a field.
        Err(Error::Invalid(_)) => Err(HttpError::bad_request(
            "The body is no delivery that Clearance can read.",
        )),
        Err(Error::Conflict {
            why: Conflict::KeyReused,
        }) => {
            tracing::warn!("a delivery id came again with another body");
            Err(Error::conflict(Conflict::KeyReused).into())
        }
        // An unknown connection answers like a wrong signature: nobody learns which connections there are.
        Err(Error::NotFound { .. } | Error::Unauthenticated) => Err(HttpError::new(
            StatusCode::UNAUTHORIZED,
            ApiError::Unauthenticated.code(),
            "The call is not signed with this connection's secret: compare the secret and the address at the git host.",
        )),
        Err(error) => Err(error.into()),
    }
}
