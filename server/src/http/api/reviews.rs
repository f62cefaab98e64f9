//! Access reviews. Reading is for whoever may export evidence; starting, deciding and signing are for administrators with a
//! session, never for tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, reviews};
use domain::form::query::ReviewQuery;
use domain::form::review::{ReviewItemForm, SignReviewForm, StartReviewForm};
use domain::view::review::{ReviewDetail, Reviews};
use serde_json::json;

use super::extract::{Body, Cursor, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists access reviews, newest first.
#[utoipa::path(get, path = "/reviews", operation_id = "list_reviews", tag = "access reviews", params(Cursor),
    responses((status = 200, description = "The reviews", body = Reviews), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<Reviews>, HttpError> {
    Ok(Json(reviews::list(web.cp(), &ctx, &place.cursor).await?))
}

/// Starts a review of one team, or of everything. While one of the same is open, it answers that one.
#[utoipa::path(post, path = "/reviews", operation_id = "start_review", tag = "access reviews", request_body = StartReviewForm,
    responses((status = 201, description = "Started; answers the number", body = Asked), Problem))]
pub(crate) async fn start(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<StartReviewForm>,
) -> Result<Response, HttpError> {
    let work = async {
        let started = reviews::start(web.cp(), &ctx, &form).await;
        started.map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Shows a review with a page of what it lists.
#[utoipa::path(get, path = "/reviews/{number}", operation_id = "get_review", tag = "access reviews",
    params(("number" = i64, Path), ("show" = Option<String>, Query, description = "`undecided` for what is not decided yet"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended")),
    responses((status = 200, description = "The review", body = ReviewDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    Query(query): Query<ReviewQuery>,
) -> Result<Json<ReviewDetail>, HttpError> {
    Ok(Json(reviews::get(web.cp(), &ctx, number, &query).await?))
}

/// What was signed, as canonical JSON (RFC 8785): the SHA-256 of these bytes is the digest in the audit log.
#[utoipa::path(get, path = "/reviews/{number}/certificate", operation_id = "get_review_certificate", tag = "access reviews",
    params(("number" = i64, Path)),
    responses((status = 200, description = "The certificate", content_type = "application/json", body = Vec<u8>), Problem))]
pub(crate) async fn certificate(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    let text = reviews::certificate(web.cp(), &ctx, number).await?;
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}

/// Keeps one access, or takes it away at once. Nobody decides about their own.
#[utoipa::path(post, path = "/reviews/{number}/items/{item}", operation_id = "decide_review_item", tag = "access reviews",
    params(("number" = i64, Path), ("item" = i64, Path)), request_body = ReviewItemForm,
    responses((status = 200, description = "Recorded; answers the verdict", body = Asked), Problem))]
pub(crate) async fn decide(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((number, item)): Path<(i64, i64)>,
    once: Once,
    Body(form): Body<ReviewItemForm>,
) -> Result<Response, HttpError> {
    let form = ReviewItemForm {
        number: number.to_string(),
        item: item.to_string(),
        ..form
    };
    let work = async {
        let decided = reviews::decide(web.cp(), &ctx, &form).await;
        decided.map(|verdict| json!({ "number": number, "item": item, "verdict": verdict }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Signs a review of which every item is decided. From then on it is only read.
#[utoipa::path(post, path = "/reviews/{number}/sign-off", operation_id = "sign_review_off", tag = "access reviews",
    params(("number" = i64, Path)),
    responses((status = 200, description = "Signed; answers the digest", body = Asked), Problem))]
pub(crate) async fn sign_off(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
) -> Result<Response, HttpError> {
    let form = SignReviewForm {
        number: number.to_string(),
    };
    let work = async {
        let signed = reviews::sign_off(web.cp(), &ctx, &form).await;
        signed.map(|digest| json!({ "number": number, "digest": digest }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}
