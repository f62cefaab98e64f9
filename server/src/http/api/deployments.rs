//! Deployments: looking at them, promoting, cancelling and rolling back.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, deployments, gates, online, rollbacks};
use domain::form::deployment::{DeploymentForm, RollbackForm};
use domain::form::query::{DeploymentQuery, OnlineQuery};
use domain::view::deployment::{Conditions, DeploymentDetail, DeploymentRow};
use domain::view::evaluation::EvaluationReport;
use domain::view::online::OnlineEvaluation;
use domain::view::page::Page;
use domain::view::rollback::RollbackPlan;
use serde_json::json;

use super::extract::{Body, Path, Query, if_match};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists deployments, newest first.
#[utoipa::path(get, path = "/deployments", operation_id = "list_deployments", tag = "deployments",
    params(("agent" = Option<String>, Query, description = "Slug of an agent"), ("state" = Option<String>, Query, description = "Word of a state, or in_progress"),
        ("environment" = Option<String>, Query, description = "non_prod or production"),
        ("mark" = Option<String>, Query, description = "Of what is live, only what has it: unhealthy, without_approval, not_complying, rollback_ready, rollback_not_ready or rollback_unchecked"),
        ("passed" = Option<String>, Query, description = "Word of a gate that passed"), List),
    responses((status = 200, description = "A page of deployments", body = Page<DeploymentRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<DeploymentQuery>,
) -> Result<Json<Page<DeploymentRow>>, HttpError> {
    Ok(Json(deployments::list(web.cp(), &ctx, &query).await?))
}

/// Shows one deployment: stages, gates, ledger, receipt and log. The `ETag` is its revision, for `If-Match`.
#[utoipa::path(get, path = "/deployments/{number}", operation_id = "get_deployment", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The deployment", body = DeploymentDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    let detail = deployments::get(web.cp(), &ctx, number, None, None).await?;
    Ok((
        [(header::ETAG, format!("\"{}\"", detail.revision))],
        Json(detail),
    )
        .into_response())
}

/// Shows the evaluation of a deployment: every gate with its evidence.
#[utoipa::path(get, path = "/deployments/{number}/evaluation", operation_id = "get_evaluation", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The evaluation", body = EvaluationReport), Problem))]
pub(crate) async fn evaluation(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<EvaluationReport>, HttpError> {
    Ok(Json(gates::evaluation(web.cp(), &ctx, number).await?))
}

/// Shows how a deployment does in production: what the last scored exchanges of each gate came to, and a page of them.
#[utoipa::path(get, path = "/deployments/{number}/online", operation_id = "get_online_evaluation", tag = "deployments",
    params(("number" = i64, Path), ("gate" = Option<String>, Query, description = "Word of a gate"), ("origin" = Option<String>, Query, description = "probe or traffic"),
        ("verdict" = Option<String>, Query, description = "Word of a verdict"), List),
    responses((status = 200, description = "Windows and exchanges", body = OnlineEvaluation), Problem))]
pub(crate) async fn online(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    Query(query): Query<OnlineQuery>,
) -> Result<Json<OnlineEvaluation>, HttpError> {
    Ok(Json(online::get(web.cp(), &ctx, number, &query).await?))
}

/// Lists everything that a deployment still needs, to go live or to be promoted, each with what would meet it.
#[utoipa::path(get, path = "/deployments/{number}/conditions", operation_id = "get_conditions", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "What is met and what is not", body = Conditions), Problem))]
pub(crate) async fn conditions(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<Conditions>, HttpError> {
    Ok(Json(deployments::why(web.cp(), &ctx, number).await?))
}

/// Promotes a version that is live and proven in non-prod. Answers the number of the production deployment.
#[utoipa::path(post, path = "/deployments/{number}/promote", operation_id = "promote_deployment", tag = "deployments", params(("number" = i64, Path)),
    request_body = DeploymentForm, responses((status = 202, description = "Asked for", body = Asked), Problem))]
pub(crate) async fn promote(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    headers: HeaderMap,
    once: Once,
    Body(form): Body<DeploymentForm>,
) -> Result<Response, HttpError> {
    let form = on(number, form, &headers);
    let work = async {
        deployments::promote(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}

/// Cancels a deployment that has not gone live. What it created is removed.
#[utoipa::path(post, path = "/deployments/{number}/cancel", operation_id = "cancel_deployment", tag = "deployments", params(("number" = i64, Path)),
    request_body = DeploymentForm, responses((status = 202, description = "Cancelled", body = Asked), Problem))]
pub(crate) async fn cancel(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    headers: HeaderMap,
    once: Once,
    Body(form): Body<DeploymentForm>,
) -> Result<Response, HttpError> {
    let form = on(number, form, &headers);
    let work = async {
        deployments::cancel(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}

/// Shows what a rollback of a deployment would restore, whether it could now, and what became of one that was started.
#[utoipa::path(get, path = "/deployments/{number}/rollback", operation_id = "get_rollback", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The rollback", body = RollbackPlan), Problem))]
pub(crate) async fn rollback_plan(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<RollbackPlan>, HttpError> {
    Ok(Json(rollbacks::plan(web.cp(), &ctx, number, None).await?))
}

/// Goes back from a live deployment to `target`, or to the last good version. Answers the number of the rollback deployment.
#[utoipa::path(post, path = "/deployments/{number}/rollback", operation_id = "start_rollback", tag = "deployments", params(("number" = i64, Path)),
    request_body = RollbackForm, responses((status = 202, description = "Started", body = Asked), Problem))]
pub(crate) async fn roll_back(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<RollbackForm>,
) -> Result<Response, HttpError> {
    let form = RollbackForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        rollbacks::start(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}

/// The number is the path's; the revision may come in `If-Match`.
fn on(number: i64, form: DeploymentForm, headers: &HeaderMap) -> DeploymentForm {
    let revision = if form.revision.is_empty() {
        if_match(headers)
    } else {
        form.revision
    };
    DeploymentForm {
        number: number.to_string(),
        revision,
        reason: form.reason,
    }
}
