//! Incidents: looking at them, opening one, and what is done about it. Numbers are bare or written `INC-12`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use control_plane::{ControlPlane, Error, OpCtx, incidents, quarantines};
use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::form::query::IncidentQuery;
use domain::view::incident::{IncidentDetail, IncidentRow};
use domain::view::page::Page;
use serde_json::json;

use super::extract::{Body, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists incidents, newest first.
#[utoipa::path(get, path = "/incidents", operation_id = "list_incidents", tag = "incidents",
    params(("state" = Option<String>, Query, description = "open, mitigated or closed"), ("agent" = Option<String>, Query, description = "Slug of an agent"), List),
    responses((status = 200, description = "A page of incidents", body = Page<IncidentRow>), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<IncidentQuery>,
) -> Result<Json<Page<IncidentRow>>, HttpError> {
    Ok(Json(incidents::list(web.cp(), &ctx, &query).await?))
}

/// Shows one incident with its quarantines and its timeline.
#[utoipa::path(get, path = "/incidents/{number}", operation_id = "get_incident", tag = "incidents", params(("number" = String, Path)),
    responses((status = 200, description = "The incident", body = IncidentDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
) -> Result<Json<IncidentDetail>, HttpError> {
    let number = domain::incident::number(&number).ok_or(Error::NotFound { kind: "incident" })?;
    Ok(Json(incidents::get(web.cp(), &ctx, number).await?))
}

/// Opens an incident on an agent. Answers its number.
#[utoipa::path(post, path = "/incidents", operation_id = "open_incident", tag = "incidents", request_body = OpenIncidentForm,
    responses((status = 201, description = "Opened", body = Asked), Problem))]
pub(crate) async fn open(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<OpenIncidentForm>,
) -> Result<Response, HttpError> {
    let work = async {
        incidents::open(web.cp(), &ctx, &form)
            .await
            .map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// One act on one incident, of which there are several with the same shape.
async fn act(
    web: &Web,
    ctx: &OpCtx,
    once: Once,
    (number, form): (String, IncidentForm),
    work: impl AsyncFn(&ControlPlane, &OpCtx, &IncidentForm) -> Result<(), Error>,
) -> Result<Response, HttpError> {
    let form = IncidentForm { number, ..form };
    let done = async {
        work(web.cp(), ctx, &form)
            .await
            .map(|()| json!({ "number": form.number }))
    };
    once.answer(web.cp(), ctx, &form, StatusCode::OK, done)
        .await
}

/// Takes an incident over.
#[utoipa::path(post, path = "/incidents/{number}/take-over", operation_id = "take_incident", tag = "incidents", params(("number" = String, Path)),
    request_body = IncidentForm, responses((status = 200, description = "Taken over", body = Asked), Problem))]
pub(crate) async fn take_over(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
    once: Once,
    Body(form): Body<IncidentForm>,
) -> Result<Response, HttpError> {
    act(&web, &ctx, once, (number, form), incidents::take_over).await
}

/// Says what was done so that it does no harm any more.
#[utoipa::path(post, path = "/incidents/{number}/mitigate", operation_id = "mitigate_incident", tag = "incidents", params(("number" = String, Path)),
    request_body = IncidentForm, responses((status = 200, description = "Mitigated", body = Asked), Problem))]
pub(crate) async fn mitigate(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
    once: Once,
    Body(form): Body<IncidentForm>,
) -> Result<Response, HttpError> {
    act(&web, &ctx, once, (number, form), incidents::mitigate).await
}

/// Says why it does harm again.
#[utoipa::path(post, path = "/incidents/{number}/reopen", operation_id = "reopen_incident", tag = "incidents", params(("number" = String, Path)),
    request_body = IncidentForm, responses((status = 200, description = "Open again", body = Asked), Problem))]
pub(crate) async fn reopen(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
    once: Once,
    Body(form): Body<IncidentForm>,
) -> Result<Response, HttpError> {
    act(&web, &ctx, once, (number, form), incidents::reopen).await
}

/// Ends an incident with what was found and learnt.
#[utoipa::path(post, path = "/incidents/{number}/close", operation_id = "close_incident", tag = "incidents", params(("number" = String, Path)),
    request_body = IncidentForm, responses((status = 200, description = "Closed", body = Asked), Problem))]
pub(crate) async fn close(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
    once: Once,
    Body(form): Body<IncidentForm>,
) -> Result<Response, HttpError> {
    act(&web, &ctx, once, (number, form), incidents::close).await
}

/// Puts what is live there into quarantine: its identity is suspended at once, its runtime stopped right after.
#[utoipa::path(post, path = "/incidents/{number}/quarantine", operation_id = "begin_quarantine", tag = "incidents", params(("number" = String, Path)),
    request_body = IncidentForm, responses((status = 200, description = "Suspended; stopping", body = Asked), Problem))]
pub(crate) async fn quarantine(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
    once: Once,
    Body(form): Body<IncidentForm>,
) -> Result<Response, HttpError> {
    act(&web, &ctx, once, (number, form), quarantines::begin).await
}

/// Lets what is in quarantine go again.
#[utoipa::path(post, path = "/incidents/{number}/release", operation_id = "release_quarantine", tag = "incidents", params(("number" = String, Path)),
    request_body = IncidentForm, responses((status = 200, description = "Starting again", body = Asked), Problem))]
pub(crate) async fn release(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<String>,
    once: Once,
    Body(form): Body<IncidentForm>,
) -> Result<Response, HttpError> {
    act(&web, &ctx, once, (number, form), quarantines::release).await
}
