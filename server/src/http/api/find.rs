//! From an id of another system to what it is here.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, find};
use domain::view::find::Found;
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::Query;
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// What is looked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct AskedFor {
    /// An id, whole. Without one, the answer says which kinds of ids are known.
    id: String,
}

/// Finds what an id from another log names: the agent, its versions and deployments, and the approval that each acts under.
#[utoipa::path(get, path = "/find", operation_id = "find_by_id", tag = "audit", params(AskedFor),
    responses((status = 200, description = "What is called so; nothing where the id is not known", body = Found), Problem))]
pub(crate) async fn by_id(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<AskedFor>,
) -> Result<Json<Found>, HttpError> {
    Ok(Json(find::by_id(web.cp(), &ctx, &asked.id).await?))
}
