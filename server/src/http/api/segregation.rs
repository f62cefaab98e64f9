//! The report on separation of duties.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, segregation};
use domain::form::query::SegregationQuery;
use domain::view::segregation::SegregationReport;

use super::extract::Query;
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Shows who could approve what in a period, who did, and where that touches the rules, each with its events of the audit log.
#[utoipa::path(get, path = "/segregation", operation_id = "get_segregation_report", tag = "compliance",
    params(("from" = Option<String>, Query, description = "A day or a time; 90 days before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("team" = Option<String>, Query, description = "Slug of a team")),
    responses((status = 200, description = "The report", body = SegregationReport), Problem))]
pub(crate) async fn report(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<SegregationQuery>,
) -> Result<Json<SegregationReport>, HttpError> {
    Ok(Json(segregation::report(web.cp(), &ctx, &query).await?))
}
