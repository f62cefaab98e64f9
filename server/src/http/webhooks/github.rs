//! `POST /webhooks/github/{connection}`: `X-Hub-Signature-256` over the raw bytes.

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use control_plane::OpCtx;
use control_plane::sources::{Credential, RawDelivery};
use domain::connection::ConnectionKind;

use super::{header, read, receive};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Takes one delivery in.
pub(crate) async fn deliver(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(connection): Path<String>,
    request: Request,
) -> Result<Response, HttpError> {
    let headers = request.headers();
    // The SHA-1 signature beside it is not looked at.
    let credential = header(headers, "x-hub-signature-256")
        .map_or(Credential::None, Credential::GitHubSignature);
    let event = header(headers, "x-github-event")
        .ok_or_else(|| HttpError::bad_request("X-GitHub-Event is missing."))?;
    let key = header(headers, "x-github-delivery").filter(|k| !k.is_empty());
    let key = key.ok_or_else(|| HttpError::bad_request("X-GitHub-Delivery is missing."))?;
    let taken = read(&web, request).await?;
    let kind = ConnectionKind::GitHub;
    let raw = RawDelivery {
        connection,
        kind,
        event,
        key,
        credential,
        body: taken.bytes,
    };
    receive(&web, &ctx, raw).await
}
