//! `/scim/v2/{provider}/Users`.

use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use control_plane::OpCtx;
use control_plane::directories::{self, DirectoryUser};
use domain::directory::{Patch, UserFields, user_terms};
use domain::id::DirectoryUserId;

use super::error::ScimError;
use super::query::ScimQuery;
use super::{answer, body, enter, expected, has_it, nothing, one, resource};
use crate::http::web::Web;

type Found = Result<Response, ScimError>;

fn shown(
    web: &Web,
    provider: &str,
    status: StatusCode,
    user: &DirectoryUser,
    query: &ScimQuery,
) -> Response {
    let base = base(web, provider);
    let value = query.project(resource::user(user, &base));
    let place = resource::location(&base, "Users", user.id);
    one(status, &value, &resource::version(user.revision), &place)
}

pub(super) fn base(web: &Web, provider: &str) -> String {
    format!("{}/scim/v2/{provider}", web.base_url())
}

fn id(text: &str) -> Result<DirectoryUserId, ScimError> {
    text.parse().map_err(|_| ScimError::not_found())
}

/// `GET /scim/v2/{provider}/Users`
pub(super) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    Query(query): Query<ScimQuery>,
    headers: HeaderMap,
) -> Found {
    let caller = enter(&web, &ctx, &provider, &headers).await?;
    let terms = query.filter.as_deref().map(user_terms).transpose()?;
    let terms = terms.unwrap_or_default();
    let listed = directories::users(web.cp(), &caller, &terms, query.slice()?).await?;
    let base = base(&web, &provider);
    let value = resource::list(&listed, |user| query.project(resource::user(user, &base)));
    Ok(answer(StatusCode::OK, &value))
}

/// `POST /scim/v2/{provider}/Users`
pub(super) async fn create(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    Query(query): Query<ScimQuery>,
    request: Request,
) -> Found {
    let caller = enter(&web, &ctx, &provider, request.headers()).await?;
    let fields = UserFields::read(&body(request).await?)?;
    let user = directories::create_user(web.cp(), &caller, &fields).await?;
    Ok(shown(&web, &provider, StatusCode::CREATED, &user, &query))
}

/// `GET /scim/v2/{provider}/Users/{id}`
pub(super) async fn read(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    Query(query): Query<ScimQuery>,
    headers: HeaderMap,
) -> Found {
    let caller = enter(&web, &ctx, &provider, &headers).await?;
    let user = directories::get_user(web.cp(), &caller, id(&text)?).await?;
    if has_it(&headers, user.revision) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(shown(&web, &provider, StatusCode::OK, &user, &query))
}

/// `PUT /scim/v2/{provider}/Users/{id}`
pub(super) async fn replace(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    Query(query): Query<ScimQuery>,
    request: Request,
) -> Found {
    let caller = enter(&web, &ctx, &provider, request.headers()).await?;
    let (id, expected) = (id(&text)?, expected(request.headers()));
    let fields = UserFields::read(&body(request).await?)?;
    let user = directories::replace_user(web.cp(), &caller, id, &fields, expected).await?;
    Ok(shown(&web, &provider, StatusCode::OK, &user, &query))
}

/// `PATCH /scim/v2/{provider}/Users/{id}`
pub(super) async fn patch(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    Query(query): Query<ScimQuery>,
    request: Request,
) -> Found {
    let caller = enter(&web, &ctx, &provider, request.headers()).await?;
    let (id, expected) = (id(&text)?, expected(request.headers()));
    let patch = Patch::read(&body(request).await?)?;
    let user = directories::patch_user(web.cp(), &caller, id, &patch, expected).await?;
    Ok(shown(&web, &provider, StatusCode::OK, &user, &query))
}

/// `DELETE /scim/v2/{provider}/Users/{id}`
pub(super) async fn delete(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    headers: HeaderMap,
) -> Found {
    let caller = enter(&web, &ctx, &provider, &headers).await?;
    let expected = expected(&headers);
    directories::delete_user(web.cp(), &caller, id(&text)?, expected).await?;
    Ok(nothing())
}
