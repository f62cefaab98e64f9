//! What agents did at resources. Reading is for everybody who may read; reporting is for programs with a token of the scope
//! `access`. Agents report what they did themselves at `/access/v1/events`.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, access_events};
use domain::form::query::AccessQuery;
use domain::view::access_event::{AccessLine, AccessReceipt};
use domain::view::page::Page;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{Body, Query};
use super::openapi::{List, Problem};
use crate::http::error::HttpError;
use crate::http::report;
use crate::http::web::Web;

/// A report: up to 500 events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessReport {
    events: Vec<AccessEvent>,
}

/// One act, as the reporter saw it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessEvent {
    /// The reporter's own id of the event, up to 100 bytes. The same id again is the same event.
    id: String,
    /// Client id of the identity that acted: `sub` of its access token.
    identity: String,
    /// What scopes begin with, such as `salesforce`.
    resource: String,
    /// What scopes end with, such as `leads.read`.
    action: String,
    /// What was acted on, such as `lead/00Q5e`.
    object: Option<String>,
    /// Did the resource let it happen?
    allowed: bool,
    /// When, RFC 3339.
    occurred_at: String,
}

/// Lists access events, the newest act first.
#[utoipa::path(get, path = "/access-events", operation_id = "list_access_events", tag = "access", params(List,
        ("agent" = Option<String>, Query, description = "Slug of an agent"),
        ("identity" = Option<String>, Query, description = "Client id of an identity"),
        ("resource" = Option<String>, Query, description = "What scopes begin with"),
        ("action" = Option<String>, Query, description = "What scopes end with"),
        ("allowed" = Option<String>, Query, description = "`yes` or `no`"),
        ("coverage" = Option<String>, Query, description = "`covered`, `out_of_scope`, `not_in_force` or `unknown_identity`"),
        ("from" = Option<String>, Query, description = "A day such as 2026-01-31, or a time: acts from then on"),
        ("to" = Option<String>, Query, description = "A day, which is included, or a time: acts before it")),
    responses((status = 200, description = "A page of access events", body = Page<AccessLine>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<AccessQuery>,
) -> Result<Json<Page<AccessLine>>, HttpError> {
    Ok(Json(access_events::list(web.cp(), &ctx, &asked).await?))
}

/// Takes a report of a resource or a gateway. Good events are kept whatever the others are; each that is not kept is named.
/// It may be repeated: the id of an event tells that it is known.
#[utoipa::path(post, path = "/access-events", operation_id = "report_access_events", tag = "access", request_body = AccessReport,
    responses((status = 200, description = "What became of the events", body = AccessReceipt), Problem))]
pub(crate) async fn report(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Body(body): Body<Value>,
) -> Result<Json<AccessReceipt>, HttpError> {
    access_events::may_report(&ctx)?;
    let sent = report::read(body)?;
    Ok(Json(access_events::report(web.cp(), &ctx, sent).await?))
}
