//! The catalogue of resources. Reading is for everybody who may read; describing for administrators and the owning team.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use control_plane::{OpCtx, catalogue};
use domain::form::catalogue::{ResourceForm, ResourceRemovalForm};
use domain::form::query::ResourceQuery;
use domain::view::catalogue::{ResourceDetail, ResourcePage};

use super::extract::{Body, Path, Query};
use super::openapi::{List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists resources, by name.
#[utoipa::path(get, path = "/resources", operation_id = "list_resources", tag = "resources", params(List,
        ("owner" = Option<String>, Query, description = "Slug of a team")),
    responses((status = 200, description = "A page of the catalogue", body = ResourcePage), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<ResourceQuery>,
) -> Result<Json<ResourcePage>, HttpError> {
    Ok(Json(catalogue::list(web.cp(), &ctx, &asked).await?))
}

/// Shows one resource, in the catalogue or not, with what can reach it now.
#[utoipa::path(get, path = "/resources/{resource}", operation_id = "get_resource", tag = "resources",
    params(("resource" = String, Path, description = "What scopes begin with")),
    responses((status = 200, description = "The resource", body = ResourceDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(resource): Path<String>,
) -> Result<Json<ResourceDetail>, HttpError> {
    Ok(Json(catalogue::get(web.cp(), &ctx, &resource).await?))
}

/// Adds a resource to the catalogue. It gives no scope to anybody. The name is unique.
#[utoipa::path(post, path = "/resources", operation_id = "add_resource", tag = "resources", request_body = ResourceForm,
    responses((status = 201, description = "Added"), Problem))]
pub(crate) async fn add(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Body(form): Body<ResourceForm>,
) -> Result<StatusCode, HttpError> {
    catalogue::add(web.cp(), &ctx, &form).await?;
    Ok(StatusCode::CREATED)
}

/// Changes what is said of a resource: all of it, each time. With the `revision` that was read, nobody's change is lost.
#[utoipa::path(post, path = "/resources/{resource}", operation_id = "change_resource", tag = "resources",
    params(("resource" = String, Path)), request_body = ResourceForm,
    responses((status = 204, description = "Changed"), Problem))]
pub(crate) async fn change(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(resource): Path<String>,
    Body(form): Body<ResourceForm>,
) -> Result<StatusCode, HttpError> {
    let form = ResourceForm { resource, ..form };
    catalogue::change(web.cp(), &ctx, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a resource out of the catalogue. Scopes of it stay what they are.
#[utoipa::path(post, path = "/resources/{resource}/remove", operation_id = "remove_resource", tag = "resources",
    params(("resource" = String, Path)),
    responses((status = 204, description = "Taken out"), Problem))]
pub(crate) async fn remove(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(resource): Path<String>,
) -> Result<StatusCode, HttpError> {
    let form = ResourceRemovalForm { resource };
    catalogue::remove(web.cp(), &ctx, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}
