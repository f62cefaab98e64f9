//! Approvals. Reading is for everybody who may read; deciding is for people with a session, never for a token.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, approvals};
use domain::form::approval::DecisionForm;
use domain::view::approval::{ApprovalDetail, Inbox};
use serde_json::json;

use super::extract::{Body, Cursor, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists approvals: those that wait for the caller first.
#[utoipa::path(get, path = "/approvals", operation_id = "list_approvals", tag = "approvals", params(Cursor),
    responses((status = 200, description = "The inbox", body = Inbox), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<Inbox>, HttpError> {
    Ok(Json(approvals::inbox(web.cp(), &ctx, &place.cursor).await?))
}

/// Shows one approval: what exactly is asked, and what changes.
#[utoipa::path(get, path = "/approvals/{number}", operation_id = "get_approval", tag = "approvals", params(("number" = i64, Path)),
    responses((status = 200, description = "The approval", body = ApprovalDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<ApprovalDetail>, HttpError> {
    Ok(Json(approvals::get(web.cp(), &ctx, number).await?))
}

/// Decides an approval about the manifest digest that was read. Tokens are refused with 403.
#[utoipa::path(post, path = "/approvals/{number}/decisions", operation_id = "decide_approval", tag = "approvals", params(("number" = i64, Path)),
    request_body = DecisionForm, responses((status = 201, description = "Recorded; answers the approval's state", body = Asked), Problem))]
pub(crate) async fn decide(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<DecisionForm>,
) -> Result<Response, HttpError> {
    let form = DecisionForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        approvals::decide(web.cp(), &ctx, &form)
            .await
            .map(|state| json!({ "number": number, "state": state }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}
