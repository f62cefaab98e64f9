//! Service accounts. They are made and changed by people with a session, so here they are read.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, service_accounts};
use domain::view::service_account::ServiceAccountList;

use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists the service accounts of the teams that the caller sees, with what each trusts.
#[utoipa::path(get, path = "/service-accounts", operation_id = "list_service_accounts", tag = "service accounts",
    responses((status = 200, description = "The accounts", body = ServiceAccountList), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<ServiceAccountList>, HttpError> {
    Ok(Json(service_accounts::list(web.cp(), &ctx).await?))
}
