//! Break-glass and its post-reviews. Reading is for everybody who may read; breaking the glass and closing a post-review
//! need a person who signed in lately, never a token.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, break_glass};
use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::view::break_glass::{PostReviewDetail, PostReviewRow};
use serde::Serialize;
use serde_json::json;

use super::extract::{Body, Cursor, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Post-reviews: all open ones, and a page of closed ones.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PostReviews {
    /// Soonest due first.
    open: Vec<PostReviewRow>,
    /// Newest first.
    closed: Vec<PostReviewRow>,
    next: Option<String>,
}

/// Lists post-reviews: the open ones first.
#[utoipa::path(get, path = "/post-reviews", operation_id = "list_post_reviews", tag = "post-reviews", params(Cursor),
    responses((status = 200, description = "Open and closed post-reviews", body = PostReviews), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<PostReviews>, HttpError> {
    let (open, page) = break_glass::list(web.cp(), &ctx, &place.cursor).await?;
    Ok(Json(PostReviews {
        open,
        closed: page.rows,
        next: page.next,
    }))
}

/// Shows one post-review.
#[utoipa::path(get, path = "/post-reviews/{number}", operation_id = "get_post_review", tag = "post-reviews", params(("number" = i64, Path, description = "Without PR-")),
    responses((status = 200, description = "The post-review", body = PostReviewDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<PostReviewDetail>, HttpError> {
    Ok(Json(break_glass::get(web.cp(), &ctx, number).await?))
}

/// Lets a deployment go on without its approval. Tokens are refused with 403.
#[utoipa::path(post, path = "/deployments/{number}/break-glass", operation_id = "break_glass", tag = "deployments", params(("number" = i64, Path)),
    request_body = BreakGlassForm, responses((status = 201, description = "Let through; answers the number of the post-review", body = Asked), Problem))]
pub(crate) async fn start(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<BreakGlassForm>,
) -> Result<Response, HttpError> {
    let form = BreakGlassForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        break_glass::start(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Closes a post-review. Tokens are refused with 403.
#[utoipa::path(post, path = "/post-reviews/{number}/close", operation_id = "close_post_review", tag = "post-reviews", params(("number" = i64, Path, description = "Without PR-")),
    request_body = PostReviewForm, responses((status = 201, description = "Closed; answers the state", body = Asked), Problem))]
pub(crate) async fn close(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<PostReviewForm>,
) -> Result<Response, HttpError> {
    let form = PostReviewForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        break_glass::review(web.cp(), &ctx, &form)
            .await
            .map(|state| json!({ "number": number, "state": state }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}
