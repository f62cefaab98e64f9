//! Evaluation suites: those of an agent, and what a file would be worth as one.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, suites};
use domain::form::suite::SuiteForm;
use domain::view::suite::{AgentSuites, SuiteCheck};

use super::extract::{Body, Path};
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Shows the suites that an agent's newest judged version has, and whether their cases are enough.
#[utoipa::path(get, path = "/agents/{slug}/suites", operation_id = "get_suites", tag = "agents", params(("slug" = String, Path)),
    responses((status = 200, description = "Its suites, gate by gate", body = AgentSuites), Problem))]
pub(crate) async fn of(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
) -> Result<Json<AgentSuites>, HttpError> {
    Ok(Json(suites::of(web.cp(), &ctx, &slug).await?))
}

/// Looks at a file as a suite of a gate: its cases, its problems with their places, and what is not judged. Keeps nothing.
#[utoipa::path(post, path = "/suites/check", operation_id = "check_suite", tag = "agents", request_body = SuiteForm,
    responses((status = 200, description = "What it is worth", body = SuiteCheck), Problem))]
pub(crate) async fn check(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Body(form): Body<SuiteForm>,
) -> Result<Json<SuiteCheck>, HttpError> {
    Ok(Json(suites::check(web.cp(), &ctx, &form).await?))
}
