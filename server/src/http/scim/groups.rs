//! `/scim/v2/{provider}/Groups`.

use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use control_plane::OpCtx;
use control_plane::directories::{self, DirectoryGroup};
use domain::directory::{GroupFields, Patch, group_terms};
use domain::id::DirectoryGroupId;

use super::error::ScimError;
use super::query::ScimQuery;
use super::users::base;
use super::{answer, body, enter, expected, has_it, nothing, one, resource};
use crate::http::web::Web;

type Found = Result<Response, ScimError>;

fn shown(
    web: &Web,
    provider: &str,
    status: StatusCode,
    group: &DirectoryGroup,
    query: &ScimQuery,
) -> Response {
    let base = base(web, provider);
    let value = query.project(resource::group(group, &base));
    let place = resource::location(&base, "Groups", group.id);
    one(status, &value, &resource::version(group.revision), &place)
}

fn id(text: &str) -> Result<DirectoryGroupId, ScimError> {
    text.parse().map_err(|_| ScimError::not_found())
}

/// `GET /scim/v2/{provider}/Groups`
pub(super) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    Query(query): Query<ScimQuery>,
    headers: HeaderMap,
) -> Found {
    let caller = enter(&web, &ctx, &provider, &headers).await?;
    let terms = query.filter.as_deref().map(group_terms).transpose()?;
    let (terms, members) = (terms.unwrap_or_default(), query.wants("members"));
    let listed = directories::groups(web.cp(), &caller, &terms, query.slice()?, members).await?;
    let base = base(&web, &provider);
    let value = resource::list(&listed, |group| {
        query.project(resource::group(group, &base))
    });
    Ok(answer(StatusCode::OK, &value))
}

/// `POST /scim/v2/{provider}/Groups`
pub(super) async fn create(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    Query(query): Query<ScimQuery>,
    request: Request,
) -> Found {
    let caller = enter(&web, &ctx, &provider, request.headers()).await?;
    let fields = GroupFields::read(&body(request).await?)?;
    let group = directories::create_group(web.cp(), &caller, &fields).await?;
    Ok(shown(&web, &provider, StatusCode::CREATED, &group, &query))
}

/// `GET /scim/v2/{provider}/Groups/{id}`
pub(super) async fn read(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    Query(query): Query<ScimQuery>,
    headers: HeaderMap,
) -> Found {
    let caller = enter(&web, &ctx, &provider, &headers).await?;
    let (id, members) = (id(&text)?, query.wants("members"));
    let group = directories::get_group(web.cp(), &caller, id, members).await?;
    if has_it(&headers, group.revision) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(shown(&web, &provider, StatusCode::OK, &group, &query))
}

/// `PUT /scim/v2/{provider}/Groups/{id}`
pub(super) async fn replace(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    Query(query): Query<ScimQuery>,
    request: Request,
) -> Found {
    let caller = enter(&web, &ctx, &provider, request.headers()).await?;
    let (id, expected) = (id(&text)?, expected(request.headers()));
    let fields = GroupFields::read(&body(request).await?)?;
    let group = directories::replace_group(web.cp(), &caller, id, &fields, expected).await?;
    Ok(shown(&web, &provider, StatusCode::OK, &group, &query))
}

/// `PATCH /scim/v2/{provider}/Groups/{id}`: nothing comes back unless attributes are asked for (RFC 7644, section 3.5.2), since a
/// group may be large.
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
    let group = directories::patch_group(web.cp(), &caller, id, &patch, expected).await?;
    if !query.is_selective() {
        return Ok(nothing());
    }
    Ok(shown(&web, &provider, StatusCode::OK, &group, &query))
}

/// `DELETE /scim/v2/{provider}/Groups/{id}`
pub(super) async fn delete(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, text)): Path<(String, String)>,
    headers: HeaderMap,
) -> Found {
    let caller = enter(&web, &ctx, &provider, &headers).await?;
    let expected = expected(&headers);
    directories::delete_group(web.cp(), &caller, id(&text)?, expected).await?;
    Ok(nothing())
}
