//! Waivers. Reading is for everybody who may read; giving and revoking are for people with a session, never for a token.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, waivers};
use domain::form::waiver::{RevokeWaiverForm, WaiverForm};
use domain::view::page::Page;
use domain::view::waiver::{WaiverDetail, WaiverRow};
use serde_json::json;

use super::extract::{Body, Cursor, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists waivers, newest first.
#[utoipa::path(get, path = "/waivers", operation_id = "list_waivers", tag = "waivers", params(Cursor),
    responses((status = 200, description = "A page of waivers", body = Page<WaiverRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<Page<WaiverRow>>, HttpError> {
    Ok(Json(waivers::list(web.cp(), &ctx, &place.cursor).await?))
}

/// Shows one waiver and which deployments lean on it.
#[utoipa::path(get, path = "/waivers/{number}", operation_id = "get_waiver", tag = "waivers", params(("number" = i64, Path)),
    responses((status = 200, description = "The waiver", body = WaiverDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<WaiverDetail>, HttpError> {
    Ok(Json(waivers::get(web.cp(), &ctx, number).await?))
}

/// Waives one finding of a deployment's report, for its agent in one environment, until a day. Tokens are refused with 403.
#[utoipa::path(post, path = "/waivers", operation_id = "give_waiver", tag = "waivers", request_body = WaiverForm,
    responses((status = 201, description = "Given; answers the number of the waiver", body = Asked), Problem))]
pub(crate) async fn give(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<WaiverForm>,
) -> Result<Response, HttpError> {
    let work = async {
        waivers::give(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Takes a waiver back: what leans on it no longer complies. Tokens are refused with 403.
#[utoipa::path(post, path = "/waivers/{number}/revoke", operation_id = "revoke_waiver", tag = "waivers", params(("number" = i64, Path)),
    request_body = RevokeWaiverForm, responses((status = 200, description = "Revoked", body = Asked), Problem))]
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<RevokeWaiverForm>,
) -> Result<Response, HttpError> {
    let form = RevokeWaiverForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        waivers::revoke(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}
