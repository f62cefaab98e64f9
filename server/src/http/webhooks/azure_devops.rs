//! `POST /webhooks/azure-devops/{connection}`: the service has no signatures, so the subscription carries basic
//! credentials or a secret header.

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control_plane::OpCtx;
use control_plane::sources::{Credential, RawDelivery};
use domain::connection::ConnectionKind;

use super::{header, read, receive};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Takes one delivery in. Its event and its id are inside the body, for the control plane to read after the check.
pub(crate) async fn deliver(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(connection): Path<String>,
    request: Request,
) -> Result<Response, HttpError> {
    let credential = credential(request.headers()).unwrap_or(Credential::None);
    let taken = read(&web, request).await?;
    let kind = ConnectionKind::AzureDevOps;
    let raw = RawDelivery {
        connection,
        kind,
        event: String::new(),
        key: String::new(),
        credential,
        body: taken.bytes,
    };
    receive(&web, &ctx, raw).await
}

fn credential(headers: &HeaderMap) -> Option<Credential> {
    if let Some(secret) = header(headers, "x-clearance-secret") {
        return Some(Credential::Header(secret));
    }
    let value = header(headers, "authorization")?;
    let (scheme, encoded) = value.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| Credential::Basic {
            user: user.to_owned(),
            password: password.to_owned(),
        })
}
