//! Agent identities. Reading is for everybody who may read; revoking is for whoever may roll back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, identities};
use domain::form::identity::RevokeIdentityForm;
use domain::form::query::IdentityQuery;
use domain::view::identity::{IdentityDetail, IdentityRow};
use domain::view::page::Page;
use serde_json::json;

use super::extract::{Body, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists identities, newest first; those that were not revoked unless a state is asked for.
#[utoipa::path(get, path = "/identities", operation_id = "list_identities", tag = "identities", params(List,
        ("state" = Option<String>, Query, description = "Word of a state, or `any`"),
        ("agent" = Option<String>, Query, description = "Slug of an agent")),
    responses((status = 200, description = "A page of identities", body = Page<IdentityRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<IdentityQuery>,
) -> Result<Json<Page<IdentityRow>>, HttpError> {
    Ok(Json(identities::list(web.cp(), &ctx, &asked).await?))
}

/// Shows one identity with its scopes.
#[utoipa::path(get, path = "/identities/{client_id}", operation_id = "get_identity", tag = "identities",
    params(("client_id" = String, Path)),
    responses((status = 200, description = "The identity", body = IdentityDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
) -> Result<Json<IdentityDetail>, HttpError> {
    Ok(Json(identities::get(web.cp(), &ctx, &client_id).await?))
}

/// Revokes an identity for good: no more tokens, and every token of it is inactive.
#[utoipa::path(post, path = "/identities/{client_id}/revoke", operation_id = "revoke_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = RevokeIdentityForm,
    responses((status = 200, description = "Revoked", body = Asked), Problem))]
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<RevokeIdentityForm>,
) -> Result<Response, HttpError> {
    let form = RevokeIdentityForm { client_id, ..form };
    let work = async {
        identities::revoke(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "client_id": form.client_id }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}
