//! `?as_of=` on reads: the same things as the audit log tells of a moment of the past.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use control_plane::{OpCtx, history};
use domain::form::query::AgentQuery;

use crate::http::error::HttpError;
use crate::http::web::Web;

/// For the API's own description.
pub(super) const AS_OF: &str = "A time (RFC 3339) or a day in UTC: answers what was then, as the audit log tells it, in the shape whose name ends in `Then`. An agent's name and who may read it are those of today";

pub(super) async fn agents(
    web: &Web,
    ctx: &OpCtx,
    as_of: &str,
    query: &AgentQuery,
) -> Result<Response, HttpError> {
    let page = (query.cursor.as_str(), query.limit);
    Ok(Json(history::agents(web.cp(), ctx, as_of, page).await?).into_response())
}

pub(super) async fn agent(
    web: &Web,
    ctx: &OpCtx,
    slug: &str,
    as_of: &str,
) -> Result<Response, HttpError> {
    Ok(Json(history::agent(web.cp(), ctx, slug, as_of).await?).into_response())
}

pub(super) async fn identity(
    web: &Web,
    ctx: &OpCtx,
    client_id: &str,
    as_of: &str,
) -> Result<Response, HttpError> {
    Ok(Json(history::identity(web.cp(), ctx, client_id, as_of).await?).into_response())
}

pub(super) async fn policy(web: &Web, ctx: &OpCtx, as_of: &str) -> Result<Response, HttpError> {
    Ok(Json(history::policy(web.cp(), ctx, as_of).await?).into_response())
}
