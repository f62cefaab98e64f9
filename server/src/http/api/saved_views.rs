//! Saved views of the audit trail and of the registry. Whoever reads those lists them; a person with a session keeps them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, saved_views};
use domain::form::saved_view::{ChangeViewForm, RemoveViewForm, SavedViewForm};
use domain::view::saved_view::SavedViews;
use serde_json::json;

use super::extract::{Body, Path};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists one's own saved views and those that others share.
#[utoipa::path(get, path = "/saved-views", operation_id = "list_saved_views", tag = "audit",
    responses((status = 200, description = "The views, by name", body = SavedViews), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<SavedViews>, HttpError> {
    Ok(Json(saved_views::list(web.cp(), &ctx).await?))
}

/// Keeps filters of the audit trail under a name. One person keeps up to 50.
#[utoipa::path(post, path = "/saved-views", operation_id = "save_view", tag = "audit", request_body = SavedViewForm,
    responses((status = 201, description = "Saved; answers the id", body = Asked), Problem))]
pub(crate) async fn save(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<SavedViewForm>,
) -> Result<Response, HttpError> {
    let work = async {
        let saved = saved_views::save(web.cp(), &ctx, &form).await;
        saved.map(|id| json!({ "id": id.to_string() }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Gives a view of one's own another name, and shares it or not.
#[utoipa::path(post, path = "/saved-views/{id}", operation_id = "change_view", tag = "audit", params(("id" = String, Path)),
    request_body = ChangeViewForm, responses((status = 200, description = "Changed", body = Asked), Problem))]
pub(crate) async fn change(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
    once: Once,
    Body(form): Body<ChangeViewForm>,
) -> Result<Response, HttpError> {
    let form = ChangeViewForm { id, ..form };
    let work = async {
        let changed = saved_views::change(web.cp(), &ctx, &form).await;
        changed.map(|()| json!({ "id": form.id }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Removes a view of one's own; whoever administers removes shared ones too.
#[utoipa::path(delete, path = "/saved-views/{id}", operation_id = "remove_view", tag = "audit", params(("id" = String, Path)),
    responses((status = 204, description = "Removed"), Problem))]
pub(crate) async fn remove(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    saved_views::remove(
        web.cp(),
        &ctx,
        &RemoveViewForm {
            id,
            ..RemoveViewForm::default()
        },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
