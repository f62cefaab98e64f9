//! Frameworks and their controls.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, controls};
use domain::controls::Framework;
use domain::form::query::ControlsQuery;
use domain::view::controls::{FrameworkView, Frameworks};

use super::extract::{Path, Query};
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists frameworks, with how many controls of each have no evidence in the period.
#[utoipa::path(get, path = "/compliance", operation_id = "list_frameworks", tag = "compliance",
    params(("from" = Option<String>, Query, description = "A day or a time; 90 days before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("agent" = Option<String>, Query, description = "Slug of an agent")),
    responses((status = 200, description = "The frameworks", body = Frameworks), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<ControlsQuery>,
) -> Result<Json<Frameworks>, HttpError> {
    Ok(Json(controls::frameworks(web.cp(), &ctx, &query).await?))
}

/// Shows the controls of a framework, what supports evidence for each, and the gaps.
#[utoipa::path(get, path = "/compliance/{framework}", operation_id = "get_framework", tag = "compliance",
    params(("framework" = Framework, Path), ("from" = Option<String>, Query, description = "A day or a time; 90 days before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("agent" = Option<String>, Query, description = "Slug of an agent")),
    responses((status = 200, description = "The framework", body = FrameworkView), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(framework): Path<Framework>,
    Query(query): Query<ControlsQuery>,
) -> Result<Json<FrameworkView>, HttpError> {
    Ok(Json(
        controls::framework(web.cp(), &ctx, framework, &query).await?,
    ))
}
