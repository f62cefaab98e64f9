//! Agent identities. Reading is for everybody who may read; suspending, resuming and revoking are for whoever may roll back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{ControlPlane, Error, OpCtx, identities};
use domain::form::identity::{BindingForm, IdentityForm};
use domain::form::query::{AsOf, IdentityQuery, ScopeQuery};
use domain::view::identity::{IdentityDetail, IdentityRow, ScopeRow};
use domain::view::page::Page;
use serde::Serialize;
use serde_json::json;

use super::extract::{Body, Path, Query};
use super::history::{self, AS_OF};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists identities, newest first; those that were not revoked unless a state is asked for.
#[utoipa::path(get, path = "/identities", operation_id = "list_identities", tag = "identities", params(List,
        ("state" = Option<String>, Query, description = "Word of a state, `usable` for those that can act now, or `any`"),
        ("agent" = Option<String>, Query, description = "Slug of an agent"),
        ("team" = Option<String>, Query, description = "Slug of the team that owns the agent"),
        ("scope" = Option<String>, Query, description = "A scope that it has")),
    responses((status = 200, description = "A page of identities", body = Page<IdentityRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<IdentityQuery>,
) -> Result<Json<Page<IdentityRow>>, HttpError> {
    Ok(Json(identities::list(web.cp(), &ctx, &asked).await?))
}

/// Lists the scopes that identities can use now, by name, with how many can use each.
#[utoipa::path(get, path = "/scopes", operation_id = "list_scopes", tag = "identities", params(List,
        ("q" = Option<String>, Query, description = "The beginning of a scope")),
    responses((status = 200, description = "A page of scopes", body = Page<ScopeRow>), Problem))]
pub(crate) async fn scopes(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<ScopeQuery>,
) -> Result<Json<Page<ScopeRow>>, HttpError> {
    Ok(Json(identities::scopes(web.cp(), &ctx, &asked).await?))
}

/// Shows one identity with its scopes.
#[utoipa::path(get, path = "/identities/{client_id}", operation_id = "get_identity", tag = "identities",
    params(("client_id" = String, Path), ("as_of" = Option<String>, Query, description = AS_OF)),
    responses((status = 200, description = "The identity; with `as_of`, `IdentityThen`", body = IdentityDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    Query(then): Query<AsOf>,
) -> Result<Response, HttpError> {
    if !then.as_of.is_empty() {
        return history::identity(&web, &ctx, &client_id, &then.as_of).await;
    }
    Ok(Json(identities::get(web.cp(), &ctx, &client_id).await?).into_response())
}

/// One act on one identity, of which there are several with the same shape. `form` names the identity of the path.
async fn act<F: Serialize>(
    web: &Web,
    ctx: &OpCtx,
    once: Once,
    (client_id, form): (&str, &F),
    status: StatusCode,
    work: impl AsyncFn(&ControlPlane, &OpCtx, &F) -> Result<(), Error>,
) -> Result<Response, HttpError> {
    let done = async {
        work(web.cp(), ctx, form)
            .await
            .map(|()| json!({ "client_id": client_id }))
    };
    once.answer(web.cp(), ctx, form, status, done).await
}

/// Revokes an identity for good: no more tokens, and every token of it is inactive.
#[utoipa::path(post, path = "/identities/{client_id}/revoke", operation_id = "revoke_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = IdentityForm,
    responses((status = 200, description = "Revoked", body = Asked), Problem))]
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<IdentityForm>,
) -> Result<Response, HttpError> {
    let form = IdentityForm { client_id, ..form };
    let asked = (form.client_id.as_str(), &form);
    act(&web, &ctx, once, asked, StatusCode::OK, identities::revoke).await
}

/// Suspends an identity until somebody lets it act again: no tokens, and every token of it is inactive.
#[utoipa::path(post, path = "/identities/{client_id}/suspend", operation_id = "suspend_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = IdentityForm,
    responses((status = 200, description = "Suspended", body = Asked), Problem))]
pub(crate) async fn suspend(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<IdentityForm>,
) -> Result<Response, HttpError> {
    let form = IdentityForm { client_id, ..form };
    let asked = (form.client_id.as_str(), &form);
    act(&web, &ctx, once, asked, StatusCode::OK, identities::suspend).await
}

/// Lets a suspended identity act again, as soon as its provider has answered.
#[utoipa::path(post, path = "/identities/{client_id}/resume", operation_id = "resume_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = IdentityForm,
    responses((status = 202, description = "Asked", body = Asked), Problem))]
pub(crate) async fn resume(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<IdentityForm>,
) -> Result<Response, HttpError> {
    let form = IdentityForm { client_id, ..form };
    let asked = (form.client_id.as_str(), &form);
    act(
        &web,
        &ctx,
        once,
        asked,
        StatusCode::ACCEPTED,
        identities::resume,
    )
    .await
}

/// Asks for another key for an identity; the agent finds it where the old one was.
#[utoipa::path(post, path = "/identities/{client_id}/rotate", operation_id = "rotate_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = IdentityForm,
    responses((status = 202, description = "Asked", body = Asked), Problem))]
pub(crate) async fn rotate(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<IdentityForm>,
) -> Result<Response, HttpError> {
    let form = IdentityForm { client_id, ..form };
    let asked = (form.client_id.as_str(), &form);
    act(
        &web,
        &ctx,
        once,
        asked,
        StatusCode::ACCEPTED,
        identities::rotate,
    )
    .await
}

/// Says what a runtime's provider calls an identity, so that its log leads here. Once more changes nothing.
#[utoipa::path(post, path = "/identities/{client_id}/bind", operation_id = "bind_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = BindingForm,
    responses((status = 200, description = "Bound", body = Asked), Problem))]
pub(crate) async fn bind(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<BindingForm>,
) -> Result<Response, HttpError> {
    let form = BindingForm { client_id, ..form };
    let asked = (form.client_id.as_str(), &form);
    act(&web, &ctx, once, asked, StatusCode::OK, identities::bind).await
}

/// Says that a runtime's provider calls an identity so no more.
#[utoipa::path(post, path = "/identities/{client_id}/unbind", operation_id = "unbind_identity", tag = "identities",
    params(("client_id" = String, Path)), request_body = BindingForm,
    responses((status = 200, description = "Unbound", body = Asked), Problem))]
pub(crate) async fn unbind(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(client_id): Path<String>,
    once: Once,
    Body(form): Body<BindingForm>,
) -> Result<Response, HttpError> {
    let form = BindingForm { client_id, ..form };
    let asked = (form.client_id.as_str(), &form);
    act(&web, &ctx, once, asked, StatusCode::OK, identities::unbind).await
}
