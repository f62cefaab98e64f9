//! Who decides while an approver is away.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, stand_ins};
use domain::form::group::{EndStandInForm, StandInForm};
use domain::view::group::StandInRow;
use serde_json::json;

use super::extract::{Body, Path};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists who stands in for the caller and for whom the caller stands in; for administrators everybody.
#[utoipa::path(get, path = "/stand-ins", operation_id = "list_stand_ins", tag = "approvals",
    responses((status = 200, description = "Running and to come", body = Vec<StandInRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<Vec<StandInRow>>, HttpError> {
    Ok(Json(stand_ins::list(web.cp(), &ctx).await?))
}

/// Names a stand-in for a time. Tokens are refused with 403.
#[utoipa::path(post, path = "/stand-ins", operation_id = "name_stand_in", tag = "approvals",
    request_body = StandInForm, responses((status = 201, description = "Named", body = Asked), Problem))]
pub(crate) async fn name(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<StandInForm>,
) -> Result<Response, HttpError> {
    let work = async {
        stand_ins::name(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "email": form.email }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Ends it now.
#[utoipa::path(post, path = "/stand-ins/{id}/end", operation_id = "end_stand_in", tag = "approvals", params(("id" = String, Path)),
    responses((status = 202, description = "Ended", body = Asked), Problem))]
pub(crate) async fn end(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
    once: Once,
) -> Result<Response, HttpError> {
    let form = EndStandInForm { id };
    let work = async {
        stand_ins::end(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "id": form.id }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}
