//! Legal holds. Reading is for whoever reads in every team; placing and releasing are for administrators.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, legal_holds};
use domain::form::legal_hold::{LegalHoldForm, ReleaseHoldForm};
use domain::view::legal_hold::LegalHoldList;
use serde_json::json;

use super::extract::{Body, Path};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists legal holds, newest first, with those of before.
#[utoipa::path(get, path = "/legal-holds", operation_id = "list_legal_holds", tag = "legal holds",
    responses((status = 200, description = "The holds", body = LegalHoldList), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<LegalHoldList>, HttpError> {
    Ok(Json(legal_holds::list(web.cp(), &ctx).await?))
}

/// Places a legal hold on one agent, or on everything: nothing of it is removed until it is released.
#[utoipa::path(post, path = "/legal-holds", operation_id = "place_legal_hold", tag = "legal holds", request_body = LegalHoldForm,
    responses((status = 201, description = "Placed; answers the id", body = Asked), Problem))]
pub(crate) async fn place(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<LegalHoldForm>,
) -> Result<Response, HttpError> {
    let work = async {
        let placed = legal_holds::place(web.cp(), &ctx, &form).await;
        placed.map(|id| json!({ "id": id.to_string() }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Releases a legal hold.
#[utoipa::path(post, path = "/legal-holds/{id}/release", operation_id = "release_legal_hold", tag = "legal holds",
    params(("id" = String, Path)), request_body = ReleaseHoldForm,
    responses((status = 200, description = "Released", body = Asked), Problem))]
pub(crate) async fn release(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
    once: Once,
    Body(form): Body<ReleaseHoldForm>,
) -> Result<Response, HttpError> {
    let form = ReleaseHoldForm { id, ..form };
    let work = async {
        let released = legal_holds::release(web.cp(), &ctx, &form).await;
        released.map(|()| json!({ "id": form.id }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}
