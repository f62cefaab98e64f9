//! Policies. Reading is for everybody who reads anything; proposing needs an administrator's session. Deciding is done on
//! the page alone.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, policies};
use domain::form::policy::PolicyForm;
use domain::form::query::AsOf;
use domain::view::policy::{DryRun, PolicyDetail, PolicyList};
use domain::view::waiver::FreezeCalendar;
use serde_json::json;

use super::extract::{Body, Path, Query};
use super::history::{self, AS_OF};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists every version of the policy, newest first, with the active one in words.
#[utoipa::path(get, path = "/policies", operation_id = "list_policies", tag = "policies",
    params(("as_of" = Option<String>, Query, description = AS_OF)),
    responses((status = 200, description = "Every version; with `as_of`, `PolicyThen`", body = PolicyList), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(then): Query<AsOf>,
) -> Result<Response, HttpError> {
    if !then.as_of.is_empty() {
        return history::policy(&web, &ctx, &then.as_of).await;
    }
    Ok(Json(policies::list(web.cp(), &ctx).await?).into_response())
}

/// Shows one version and what differs from the active one.
#[utoipa::path(get, path = "/policies/{number}", operation_id = "get_policy", tag = "policies", params(("number" = i32, Path, description = "Number of the version")),
    responses((status = 200, description = "The version", body = PolicyDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i32>,
) -> Result<Json<PolicyDetail>, HttpError> {
    Ok(Json(policies::get(web.cp(), &ctx, number).await?))
}

/// Proposes a version. A document that is wrong is answered with 422, `problems` with line and column, and `teams` that
/// could never meet its quorum.
#[utoipa::path(post, path = "/policies", operation_id = "propose_policy", tag = "policies", request_body = PolicyForm,
    responses((status = 201, description = "Proposed; answers the number of the version", body = Asked), Problem))]
pub(crate) async fn propose(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<PolicyForm>,
) -> Result<Response, HttpError> {
    let work = async {
        policies::propose(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Tells which live deployments, and which of the last 90 days, would not satisfy a version. Changes nothing.
#[utoipa::path(get, path = "/policies/{number}/dry-run", operation_id = "dry_run_policy", tag = "policies", params(("number" = i32, Path, description = "Number of the version")),
    responses((status = 200, description = "What it would have stopped", body = DryRun), Problem))]
pub(crate) async fn dry_run(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i32>,
) -> Result<Json<DryRun>, HttpError> {
    Ok(Json(policies::dry_run(web.cp(), &ctx, number).await?))
}

/// Lists what is frozen now and in the next 90 days: for whom, why, and until when.
#[utoipa::path(get, path = "/freezes", operation_id = "list_freezes", tag = "policies",
    responses((status = 200, description = "The freeze calendar", body = FreezeCalendar), Problem))]
pub(crate) async fn calendar(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<FreezeCalendar>, HttpError> {
    Ok(Json(policies::calendar(web.cp(), &ctx).await?))
}
