//! Roles held for a time. Reading is for everybody who reads anything; asking, answering and ending need a person's
//! session, never a token, because tokens do not gain by elevation.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, elevations};
use domain::form::elevation::{ElevationDecisionForm, ElevationForm, TakeAwayForm};
use domain::view::elevation::Elevations;
use serde_json::json;

use super::extract::{Body, Cursor, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists requests and roles that are held now, and a page of what is over.
#[utoipa::path(get, path = "/elevations", operation_id = "list_elevations", tag = "elevations", params(Cursor),
    responses((status = 200, description = "What is open and what is over", body = Elevations), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<Elevations>, HttpError> {
    let found = elevations::list(web.cp(), &ctx, &place.cursor).await?;
    Ok(Json(found))
}

/// Asks for a role in a team for some hours.
#[utoipa::path(post, path = "/elevations", operation_id = "request_elevation", tag = "elevations", request_body = ElevationForm,
    responses((status = 201, description = "Asked; answers the number", body = Asked), Problem))]
pub(crate) async fn request(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<ElevationForm>,
) -> Result<Response, HttpError> {
    let work = async {
        elevations::request(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Answers somebody else's request.
#[utoipa::path(post, path = "/elevations/{number}/decisions", operation_id = "decide_elevation", tag = "elevations", params(("number" = i64, Path)),
    request_body = ElevationDecisionForm, responses((status = 201, description = "Recorded; answers the state", body = Asked), Problem))]
pub(crate) async fn decide(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<ElevationDecisionForm>,
) -> Result<Response, HttpError> {
    let form = ElevationDecisionForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        elevations::decide(web.cp(), &ctx, &form)
            .await
            .map(|state| json!({ "number": number, "state": state }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Takes a standing role away, such as one that `unused` names. Tokens are refused with 403.
#[utoipa::path(post, path = "/roles/{grant}/take-away", operation_id = "take_role_away", tag = "elevations", params(("grant" = String, Path, description = "Id of the grant, as `unused` of the list says it")),
    request_body = TakeAwayForm, responses((status = 200, description = "Taken away", body = Asked), Problem))]
pub(crate) async fn take_away(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(grant): Path<String>,
    once: Once,
    Body(form): Body<TakeAwayForm>,
) -> Result<Response, HttpError> {
    let form = TakeAwayForm { grant, ..form };
    let work = async {
        elevations::take_away(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "grant": form.grant }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Ends a role early, or takes a request back. What is over stays as it is.
#[utoipa::path(post, path = "/elevations/{number}/end", operation_id = "end_elevation", tag = "elevations", params(("number" = i64, Path)),
    responses((status = 201, description = "Ended; answers the state", body = Asked), Problem))]
pub(crate) async fn end(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
) -> Result<Response, HttpError> {
    let form = ElevationDecisionForm {
        number: number.to_string(),
        ..ElevationDecisionForm::default()
    };
    let work = async {
        elevations::end(web.cp(), &ctx, &form)
            .await
            .map(|state| json!({ "number": number, "state": state }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}
