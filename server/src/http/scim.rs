//! `/scim/v2/{provider}/…`: SCIM 2.0 (RFC 7643, 7644), for the directory of one sign-in provider. It proves itself with its own
//! token, which opens nothing else; no other credential opens this door, and cookies count for nothing here.

mod discovery;
mod error;
mod groups;
mod query;
mod resource;
mod users;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use control_plane::OpCtx;
use control_plane::directories::{self, Caller};
use serde_json::Value;

use super::body::FORM_MAX;
use super::session::bearer;
use super::web::Web;
use error::ScimError;

/// The media type (RFC 7644, section 8.1).
const SCIM_JSON: &str = "application/scim+json";

/// The routes of every directory.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route(
            "/scim/v2/{provider}/ServiceProviderConfig",
            get(discovery::config),
        )
        .route(
            "/scim/v2/{provider}/ResourceTypes",
            get(discovery::resource_types),
        )
        .route(
            "/scim/v2/{provider}/ResourceTypes/{id}",
            get(discovery::resource_type),
        )
        .route("/scim/v2/{provider}/Schemas", get(discovery::schemas))
        .route("/scim/v2/{provider}/Schemas/{id}", get(discovery::schema))
        .route(
            "/scim/v2/{provider}/Users",
            get(users::list).post(users::create),
        )
        .route(
            "/scim/v2/{provider}/Users/{id}",
            get(users::read)
                .put(users::replace)
                .patch(users::patch)
                .delete(users::delete),
        )
        .route(
            "/scim/v2/{provider}/Groups",
            get(groups::list).post(groups::create),
        )
        .route(
            "/scim/v2/{provider}/Groups/{id}",
            get(groups::read)
                .put(groups::replace)
                .patch(groups::patch)
                .delete(groups::delete),
        )
}

/// Who calls. Nothing of the body is read for a stranger, and a directory that is not there answers like a wrong token.
async fn enter(
    web: &Web,
    ctx: &OpCtx,
    provider: &str,
    headers: &HeaderMap,
) -> Result<Caller, ScimError> {
    let token = bearer(headers).ok_or_else(ScimError::unauthenticated)?;
    let caller = directories::open(web.cp(), ctx, provider, token).await?;
    caller.ok_or_else(ScimError::unauthenticated)
}

/// The JSON of a request.
async fn body(request: Request) -> Result<Value, ScimError> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let known = [SCIM_JSON, "application/json"];
    if !known.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(ScimError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the body as application/scim+json.",
        ));
    }
    let bytes: Bytes = to_bytes(request.into_body(), FORM_MAX)
        .await
        .map_err(|_| ScimError::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."))?;
    serde_json::from_slice(&bytes).map_err(|_| ScimError::syntax("The body is no JSON."))
}

/// An answer. It holds for its moment, and for this caller.
fn answer(status: StatusCode, value: &Value) -> Response {
    let mut response = (status, value.to_string()).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/scim+json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// One resource, with its version and, where it is new, its address.
fn one(status: StatusCode, value: &Value, version: &str, location: &str) -> Response {
    let mut response = answer(status, value);
    let headers = response.headers_mut();
    if let Ok(version) = HeaderValue::from_str(version) {
        headers.insert(header::ETAG, version);
    }
    if status == StatusCode::CREATED
        && let Ok(location) = HeaderValue::from_str(location)
    {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// The revision of `If-Match`; none where the caller does not care, and one that never is where it is no version of ours.
fn expected(headers: &HeaderMap) -> Option<i64> {
    let value = headers.get(header::IF_MATCH)?;
    let text = value.to_str().unwrap_or_default().trim();
    (text != "*").then(|| resource::revision(text).unwrap_or(-1))
}

/// Does the caller have this version already?
fn has_it(headers: &HeaderMap, revision: i64) -> bool {
    let value = headers.get(header::IF_NONE_MATCH);
    let text = value.and_then(|value| value.to_str().ok());
    text.and_then(resource::revision) == Some(revision)
}

fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
