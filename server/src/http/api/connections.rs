//! Connections to git hosts, and what came in over them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use control_plane::{OpCtx, connections};
use domain::form::connection::{ConnectionChangeForm, ConnectionForm};
use domain::view::connection::{ConnectionRow, DeliveryRow, NewConnection};
use domain::view::page::Page;

use super::extract::{Body, Cursor, Path, Query};
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists connections.
#[utoipa::path(get, path = "/connections", operation_id = "list_connections", tag = "connections",
    responses((status = 200, description = "Every connection", body = Vec<ConnectionRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<Vec<ConnectionRow>>, HttpError> {
    Ok(Json(connections::list(web.cp(), &ctx).await?))
}

/// Connects a git host. Takes no idempotency key: the answer holds a secret, which is kept nowhere. The slug is unique.
#[utoipa::path(post, path = "/connections", operation_id = "create_connection", tag = "connections", request_body = ConnectionForm,
    responses((status = 201, description = "Connected; the only time the secret is told", body = NewConnection), Problem))]
pub(crate) async fn create(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Body(form): Body<ConnectionForm>,
) -> Result<(StatusCode, Json<NewConnection>), HttpError> {
    Ok((
        StatusCode::CREATED,
        Json(connections::create(web.cp(), &ctx, &form).await?),
    ))
}

/// Switches whether failed deployments become issues on the git host.
#[utoipa::path(post, path = "/connections/{slug}", operation_id = "change_connection", tag = "connections", params(("slug" = String, Path)),
    request_body = ConnectionChangeForm, responses((status = 204, description = "Changed"), Problem))]
pub(crate) async fn change(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Body(form): Body<ConnectionChangeForm>,
) -> Result<StatusCode, HttpError> {
    let form = ConnectionChangeForm { slug, ..form };
    connections::change(web.cp(), &ctx, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists webhook deliveries, newest first.
#[utoipa::path(get, path = "/deliveries", operation_id = "list_deliveries", tag = "connections", params(Cursor),
    responses((status = 200, description = "A page of deliveries", body = Page<DeliveryRow>), Problem))]
pub(crate) async fn deliveries(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<Page<DeliveryRow>>, HttpError> {
    Ok(Json(
        connections::deliveries(web.cp(), &ctx, &place.cursor).await?,
    ))
}
