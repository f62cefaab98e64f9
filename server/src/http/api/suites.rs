//! The evaluation suites of an agent.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, suites};
use domain::view::suite::AgentSuites;

use super::extract::Path;
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
