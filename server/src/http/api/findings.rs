//! Findings: what is not as it should be, and what can be done about it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{OpCtx, findings};
use domain::form::finding::{FindingForm, FindingOwnerForm};
use domain::form::query::FindingQuery;
use domain::view::finding::{FindingDetail, FindingRow};
use domain::view::page::Page;
use serde_json::json;

use super::extract::{Body, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists findings, newest first; those that are open unless a state is asked for.
#[utoipa::path(get, path = "/findings", operation_id = "list_findings", tag = "findings",
    params(("state" = Option<String>, Query, description = "open, ignored, resolved or any"), ("kind" = Option<String>, Query, description = "Word of a kind, or drift"),
        ("agent" = Option<String>, Query, description = "Slug of an agent"), List),
    responses((status = 200, description = "A page of findings", body = Page<FindingRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<FindingQuery>,
) -> Result<Json<Page<FindingRow>>, HttpError> {
    Ok(Json(findings::list(web.cp(), &ctx, &query).await?))
}

/// Shows one finding: what was approved, what is there, whose it is and since when.
#[utoipa::path(get, path = "/findings/{number}", operation_id = "get_finding", tag = "findings", params(("number" = i64, Path)),
    responses((status = 200, description = "The finding", body = FindingDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<FindingDetail>, HttpError> {
    Ok(Json(findings::get(web.cp(), &ctx, number).await?))
}

/// Looks away from an open finding until the end of a day, for a reason.
#[utoipa::path(post, path = "/findings/{number}/ignore", operation_id = "ignore_finding", tag = "findings", params(("number" = i64, Path)),
    request_body = FindingForm, responses((status = 200, description = "Ignored", body = Asked), Problem))]
pub(crate) async fn ignore(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<FindingForm>,
) -> Result<Response, HttpError> {
    let form = FindingForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        findings::ignore(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Gives an unresolved finding to a person with a role in its team, or to nobody.
#[utoipa::path(post, path = "/findings/{number}/owner", operation_id = "assign_finding", tag = "findings", params(("number" = i64, Path)),
    request_body = FindingOwnerForm, responses((status = 200, description = "Given", body = Asked), Problem))]
pub(crate) async fn assign(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<FindingOwnerForm>,
) -> Result<Response, HttpError> {
    let form = FindingOwnerForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        findings::assign(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Has what was approved put back: the scopes, or a runtime from the approved image with the approved settings.
#[utoipa::path(post, path = "/findings/{number}/revert", operation_id = "revert_finding", tag = "findings", params(("number" = i64, Path)),
    request_body = FindingForm, responses((status = 202, description = "Asked for", body = Asked), Problem))]
pub(crate) async fn revert(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<FindingForm>,
) -> Result<Response, HttpError> {
    let form = FindingForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        findings::revert(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}

/// Promotes the version that was found to run, with every gate and approval. Answers the number of the deployment.
#[utoipa::path(post, path = "/findings/{number}/accept", operation_id = "accept_finding", tag = "findings", params(("number" = i64, Path)),
    request_body = FindingForm, responses((status = 202, description = "Asked for", body = Asked), Problem))]
pub(crate) async fn accept(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<FindingForm>,
) -> Result<Response, HttpError> {
    let form = FindingForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        findings::accept(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}
