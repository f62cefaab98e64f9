//! The four measures of software delivery.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, performance};
use domain::form::query::performance::PerformanceQuery;
use domain::view::performance::Performance;

use super::extract::Query;
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Shows how changes reached production in a period: how often, how fast, how many did harm, and for how long.
#[utoipa::path(get, path = "/performance", operation_id = "get_performance", tag = "deployments",
    params(("from" = Option<String>, Query, description = "A day or a time; twelve weeks before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("team" = Option<String>, Query, description = "Slug of a team")),
    responses((status = 200, description = "The measures", body = Performance), Problem))]
pub(crate) async fn report(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<PerformanceQuery>,
) -> Result<Json<Performance>, HttpError> {
    Ok(Json(performance::report(web.cp(), &ctx, &query).await?))
}
