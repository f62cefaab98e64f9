//! Approvals. Reading is for everybody who may read; deciding is for people with a session, never for a token.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, approvals};
use domain::form::approval::{ApprovalForm, DecisionForm};
use domain::form::query::ApprovalQuery;
use domain::view::approval::{ApprovalDetail, Inbox};
use serde_json::json;

use super::extract::{Body, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists approvals: those that wait for the caller first, then those that others decide, then what is settled.
#[utoipa::path(get, path = "/approvals", operation_id = "list_approvals", tag = "approvals",
    params(("agent" = Option<String>, Query, description = "Slug of an agent"), ("state" = Option<String>, Query, description = "Word of a state"), List),
    responses((status = 200, description = "The inbox", body = Inbox), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<ApprovalQuery>,
) -> Result<Json<Inbox>, HttpError> {
    Ok(Json(approvals::inbox(web.cp(), &ctx, &query).await?))
}

/// Shows one approval: what exactly is asked, and what changes.
#[utoipa::path(get, path = "/approvals/{number}", operation_id = "get_approval", tag = "approvals", params(("number" = i64, Path)),
    responses((status = 200, description = "The approval", body = ApprovalDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<ApprovalDetail>, HttpError> {
    Ok(Json(approvals::get(web.cp(), &ctx, number).await?))
}

/// Decides an approval about the manifest digest that was read. Tokens are refused with 403, and so is a session whose
/// person signed in longer ago than the policy says (`sign_in_too_old`): sign in again and send it once more.
#[utoipa::path(post, path = "/approvals/{number}/decisions", operation_id = "decide_approval", tag = "approvals", params(("number" = i64, Path)),
    request_body = DecisionForm, responses((status = 201, description = "Recorded; answers the approval's state", body = Asked), Problem))]
pub(crate) async fn decide(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<DecisionForm>,
) -> Result<Response, HttpError> {
    let form = DecisionForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        approvals::decide(web.cp(), &ctx, &form)
            .await
            .map(|state| json!({ "number": number, "state": state }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Comments on an open approval.
#[utoipa::path(post, path = "/approvals/{number}/comments", operation_id = "comment_approval", tag = "approvals", params(("number" = i64, Path)),
    request_body = ApprovalForm, responses((status = 201, description = "Written", body = Asked), Problem))]
pub(crate) async fn comment(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<ApprovalForm>,
) -> Result<Response, HttpError> {
    let form = ApprovalForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        approvals::comment(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Withdraws an open approval. The deployment ends, and what it created is removed.
#[utoipa::path(post, path = "/approvals/{number}/withdraw", operation_id = "withdraw_approval", tag = "approvals", params(("number" = i64, Path)),
    request_body = ApprovalForm, responses((status = 202, description = "Withdrawn", body = Asked), Problem))]
pub(crate) async fn withdraw(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<ApprovalForm>,
) -> Result<Response, HttpError> {
    let form = ApprovalForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        approvals::withdraw(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}

/// Revokes an approval that was given and not used yet. The deployment ends, and what it created is removed.
#[utoipa::path(post, path = "/approvals/{number}/revoke", operation_id = "revoke_approval", tag = "approvals", params(("number" = i64, Path)),
    request_body = ApprovalForm, responses((status = 202, description = "Revoked", body = Asked), Problem))]
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<ApprovalForm>,
) -> Result<Response, HttpError> {
    let form = ApprovalForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        approvals::revoke(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}
