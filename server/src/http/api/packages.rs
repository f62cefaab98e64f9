//! Evidence packages: ordered, built by a worker, and downloaded as one tar file; and schedules of them. For who may export evidence of
//! every team; of tokens, those that may write order.

use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::packages::{self, Download};
use control_plane::{ControlPlane, Error, OpCtx};
use domain::form::package::{OrderPackageForm, RemovePackageForm, ScheduleActForm, ScheduleForm};
use domain::package::ScheduleAct;
use domain::view::package::{PackageDetail, Packages, Schedules};
use futures::Stream;
use serde_json::json;

use super::extract::{Body, Cursor, Path, Query};
use super::idempotency::Once;
use super::openapi::{Asked, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists evidence packages, newest first.
#[utoipa::path(get, path = "/packages", operation_id = "list_packages", tag = "compliance", params(Cursor),
    responses((status = 200, description = "The packages", body = Packages), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(place): Query<Cursor>,
) -> Result<Json<Packages>, HttpError> {
    Ok(Json(packages::list(web.cp(), &ctx, &place.cursor).await?))
}

/// Orders an evidence package: report, tables, OSCAL, a sample with proofs, and the whole log, signed. While the very same is not made
/// yet, it answers that one. Check it with `clearance evidence verify-package`.
#[utoipa::path(post, path = "/packages", operation_id = "order_package", tag = "compliance", request_body = OrderPackageForm,
    responses((status = 201, description = "Ordered; answers the number", body = Asked), Problem))]
pub(crate) async fn order(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<OrderPackageForm>,
) -> Result<Response, HttpError> {
    let work = async {
        let ordered = packages::order(web.cp(), &ctx, &form).await;
        ordered.map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Shows an evidence package: where it is, what is in it, and by what it is signed.
#[utoipa::path(get, path = "/packages/{number}", operation_id = "get_package", tag = "compliance",
    params(("number" = i64, Path)),
    responses((status = 200, description = "The package", body = PackageDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Json<PackageDetail>, HttpError> {
    Ok(Json(packages::get(web.cp(), &ctx, number).await?))
}

/// Downloads an evidence package that is ready. Who did is in the audit log.
#[utoipa::path(get, path = "/packages/{number}/download", operation_id = "download_package", tag = "compliance",
    params(("number" = i64, Path)),
    responses((status = 200, description = "A tar file", content_type = "application/x-tar", body = Vec<u8>), Problem))]
pub(crate) async fn download(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    let found = packages::download(web.cp(), &ctx, number).await?;
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", found.file),
        ),
        (CONTENT_LENGTH, found.bytes.to_string()),
    ];
    let body = Bytes::from_stream(pieces(web.cp().clone(), found));
    Ok((headers, body).into_response())
}

/// The package, piece by piece: it may be larger than the memory.
fn pieces(cp: ControlPlane, download: Download) -> impl Stream<Item = Result<Vec<u8>, Error>> {
    futures::stream::try_unfold((cp, download, 0), |(cp, download, at)| async move {
        let piece = packages::piece(&cp, &download, at).await?;
        Ok(piece.map(|piece| (piece, (cp, download, at + 1))))
    })
}

/// Removes an evidence package, unless a legal hold is in force. Its digest and its events stay.
#[utoipa::path(post, path = "/packages/{number}/remove", operation_id = "remove_package", tag = "compliance",
    params(("number" = i64, Path)), request_body = RemovePackageForm,
    responses((status = 200, description = "Removed; answers the number", body = Asked), Problem))]
pub(crate) async fn remove(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
    Body(form): Body<RemovePackageForm>,
) -> Result<Response, HttpError> {
    let form = RemovePackageForm {
        number: number.to_string(),
        ..form
    };
    let work = async {
        let removed = packages::remove(web.cp(), &ctx, &form).await;
        removed.map(|()| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Lists schedules of evidence packages.
#[utoipa::path(get, path = "/package-schedules", operation_id = "list_package_schedules", tag = "compliance",
    responses((status = 200, description = "The schedules", body = Schedules), Problem))]
pub(crate) async fn schedules(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<Schedules>, HttpError> {
    Ok(Json(packages::schedules(web.cp(), &ctx).await?))
}

/// Adds a schedule: a package of each month or quarter, made when it is over. While one has the same made, it answers that one.
#[utoipa::path(post, path = "/package-schedules", operation_id = "add_package_schedule", tag = "compliance", request_body = ScheduleForm,
    responses((status = 201, description = "Added; answers the number", body = Asked), Problem))]
pub(crate) async fn add_schedule(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<ScheduleForm>,
) -> Result<Response, HttpError> {
    let work = async {
        let added = packages::add(web.cp(), &ctx, &form).await;
        added.map(|number| json!({ "number": number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Pauses a schedule.
#[utoipa::path(post, path = "/package-schedules/{number}/pause", operation_id = "pause_package_schedule", tag = "compliance",
    params(("number" = i64, Path)),
    responses((status = 200, description = "Paused; answers the state", body = Asked), Problem))]
pub(crate) async fn pause(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
) -> Result<Response, HttpError> {
    act(&web, &ctx, number, &once, ScheduleAct::Pause).await
}

/// Lets a schedule run again, by the right of whoever resumes it. What was missed is made, of the last twelve periods.
#[utoipa::path(post, path = "/package-schedules/{number}/resume", operation_id = "resume_package_schedule", tag = "compliance",
    params(("number" = i64, Path)),
    responses((status = 200, description = "Runs; answers the state", body = Asked), Problem))]
pub(crate) async fn resume(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
) -> Result<Response, HttpError> {
    act(&web, &ctx, number, &once, ScheduleAct::Resume).await
}

/// Removes a schedule. What it had made stays.
#[utoipa::path(post, path = "/package-schedules/{number}/remove", operation_id = "remove_package_schedule", tag = "compliance",
    params(("number" = i64, Path)),
    responses((status = 200, description = "Removed; answers the state", body = Asked), Problem))]
pub(crate) async fn remove_schedule(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    once: Once,
) -> Result<Response, HttpError> {
    act(&web, &ctx, number, &once, ScheduleAct::Remove).await
}

async fn act(
    web: &Web,
    ctx: &OpCtx,
    number: i64,
    once: &Once,
    act: ScheduleAct,
) -> Result<Response, HttpError> {
    let form = ScheduleActForm {
        number: number.to_string(),
    };
    let work = async {
        let done = packages::act(web.cp(), ctx, &form, act).await;
        done.map(|state| json!({ "number": number, "state": state }))
    };
    once.answer(web.cp(), ctx, &form, StatusCode::OK, work)
        .await
}
