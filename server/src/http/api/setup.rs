//! What an agent lacks for its first green deployment, and the manifest that is proposed for it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, detections};
use domain::agent::MANIFEST_FILE;
use domain::form::agent::LookForm;
use domain::view::setup::{Setup, SetupQuery};
use serde_json::json;

use super::extract::{Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Shows what is missing for an agent's first deployment, what its repository was found to hold, and its webhook's settings.
#[utoipa::path(get, path = "/agents/{slug}/setup", operation_id = "get_setup", tag = "agents",
    params(("slug" = String, Path), ("risk" = Option<String>, Query,
        description = "`low`, `medium` or `high`: for which the manifest is proposed; else what the agent declares, else `medium`")),
    responses((status = 200, description = "The list, the look and the proposal", body = Setup), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Query(query): Query<SetupQuery>,
) -> Result<Json<Setup>, HttpError> {
    Ok(Json(
        detections::setup(web.cp(), &ctx, &slug, &query).await?,
    ))
}

/// Gives the proposed `clearance.yaml` as a file.
#[utoipa::path(get, path = "/agents/{slug}/setup/manifest", operation_id = "get_proposed_manifest", tag = "agents",
    params(("slug" = String, Path), ("risk" = Option<String>, Query, description = "As for the set-up")),
    responses((status = 200, description = "The file", content_type = "application/yaml", body = String), Problem))]
pub(crate) async fn manifest(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Query(query): Query<SetupQuery>,
) -> Result<Response, HttpError> {
    let text = detections::proposal(web.cp(), &ctx, &slug, &query).await?;
    let headers = [
        (CONTENT_TYPE, "application/yaml; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{MANIFEST_FILE}\""),
        ),
    ];
    Ok((headers, text).into_response())
}

/// Orders another look at the agent's repository. While one is under way, it is that one.
#[utoipa::path(post, path = "/agents/{slug}/setup/look", operation_id = "look_again", tag = "agents", params(("slug" = String, Path)),
    responses((status = 202, description = "Ordered", body = Asked), Problem))]
pub(crate) async fn look(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    once: Once,
) -> Result<Response, HttpError> {
    let form = LookForm { agent: slug };
    let work = async {
        detections::look_again(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "slug": form.agent }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}
