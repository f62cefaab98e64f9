//! The audit trail, and one event with its proof.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, audit};
use domain::form::query::AuditQuery;
use domain::view::audit::{AuditDetail, Trail};

use super::extract::{Path, Query};
use super::openapi::{List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists audit events, newest first.
#[utoipa::path(get, path = "/audit", operation_id = "list_audit_events", tag = "audit",
    params(("agent" = Option<String>, Query, description = "Slug of an agent"), ("deployment" = Option<String>, Query, description = "Number of a deployment"),
        ("action" = Option<String>, Query, description = "Word of an action"), ("actor" = Option<String>, Query, description = "Part of the actor's name"), List),
    responses((status = 200, description = "A page of the trail", body = Trail), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Trail>, HttpError> {
    Ok(Json(audit::trail(web.cp(), &ctx, &query).await?))
}

/// Shows one event: its exact bytes and its inclusion proof.
#[utoipa::path(get, path = "/audit/{index}", operation_id = "get_audit_event", tag = "audit", params(("index" = u64, Path)),
    responses((status = 200, description = "The event", body = AuditDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(index): Path<u64>,
) -> Result<Json<AuditDetail>, HttpError> {
    Ok(Json(audit::get(web.cp(), &ctx, index).await?))
}
