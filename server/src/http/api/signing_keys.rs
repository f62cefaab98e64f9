//! The keys of agents' access tokens: which one signs, and until when the others are good. The keys themselves are at the
//! address that the authorization server's metadata names.

use axum::extract::State;
use axum::{Extension, Json};
use control_plane::{OpCtx, signing_keys};
use domain::view::signing_key::SigningKeyList;

use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists the keys of access tokens, the newest first.
#[utoipa::path(get, path = "/signing-keys", operation_id = "list_signing_keys", tag = "identities",
    responses((status = 200, description = "The keys", body = SigningKeyList), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<SigningKeyList>, HttpError> {
    Ok(Json(signing_keys::list(web.cp(), &ctx).await?))
}
