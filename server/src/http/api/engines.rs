//! The engines behind the gates, and the risks that have a check.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, engines};
use domain::view::engine::{CatalogueView, EngineList};

use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists the engines of the gates as they were found at the last look, with what they were measured to do.
#[utoipa::path(get, path = "/engines", operation_id = "list_engines", tag = "engines",
    responses((status = 200, description = "Every engine", body = EngineList), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<EngineList>, HttpError> {
    Ok(Json(engines::list(web.cp(), &ctx).await?))
}

/// Lists the entries of the public catalogues of risks with the checks that stand for them.
#[utoipa::path(get, path = "/engines/coverage", operation_id = "list_coverage", tag = "engines",
    responses((status = 200, description = "Every catalogue", body = Vec<CatalogueView>), Problem))]
pub(crate) async fn coverage(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<Vec<CatalogueView>>, HttpError> {
    Ok(Json(engines::catalogues(web.cp(), &ctx)?))
}
