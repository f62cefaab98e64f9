//! A deployment's evidence to take away: the signed bundle, and forms that other programs open.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::OpCtx;
use control_plane::attestations::{self, Form};
use domain::view::evaluation::HandedIn;

use super::extract::Path;
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Gives the evidence bundle: JSON Lines of DSSE envelopes under a signed index. Check it with `clearance evidence verify`.
#[utoipa::path(get, path = "/deployments/{number}/evidence", operation_id = "get_evidence", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The bundle", content_type = "application/jsonl", body = Vec<u8>), Problem))]
pub(crate) async fn bundle(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    answer(&web, &ctx, number, Form::Bundle).await
}

/// Hands in a result that somebody else's engine came to, as a DSSE envelope of a `gate-result/v1` statement. It counts where
/// the policy trusts its signer for the gate. The same envelope again changes nothing.
#[utoipa::path(post, path = "/deployments/{number}/evidence", operation_id = "hand_in_result", tag = "deployments", params(("number" = i64, Path)),
    request_body(content = Vec<u8>, content_type = "application/json"),
    responses((status = 200, description = "Taken", body = HandedIn), Problem))]
pub(crate) async fn hand_in(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
    envelope: Result<Bytes, BytesRejection>,
) -> Result<Json<HandedIn>, HttpError> {
    let envelope = envelope.map_err(|_| HttpError::too_large())?;
    let taken = attestations::hand_in(web.cp(), &ctx, number, &envelope).await?;
    Ok(Json(taken))
}

/// Gives the gates' results as `JUnit` XML, for build servers.
#[utoipa::path(get, path = "/deployments/{number}/evidence/junit", operation_id = "get_junit", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The results", content_type = "application/xml", body = Vec<u8>), Problem))]
pub(crate) async fn junit(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    answer(&web, &ctx, number, Form::Junit).await
}

/// Gives the SBOM as it was written when the image was built: CycloneDX JSON.
#[utoipa::path(get, path = "/deployments/{number}/evidence/sbom", operation_id = "get_sbom", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The SBOM", content_type = "application/vnd.cyclonedx+json", body = Vec<u8>), Problem))]
pub(crate) async fn sbom(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    answer(&web, &ctx, number, Form::Sbom).await
}

/// Gives the judged cases of all gates as CSV, in which no cell is a formula.
#[utoipa::path(get, path = "/deployments/{number}/evidence/cases", operation_id = "get_cases", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The cases", content_type = "text/csv", body = Vec<u8>), Problem))]
pub(crate) async fn cases(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    answer(&web, &ctx, number, Form::Cases).await
}

/// Gives the judged cases of all gates as a log of Inspect AI, version 2.
#[utoipa::path(get, path = "/deployments/{number}/evidence/inspect", operation_id = "get_inspect_log", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The log", content_type = "application/json", body = Vec<u8>), Problem))]
pub(crate) async fn inspect(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    answer(&web, &ctx, number, Form::Inspect).await
}

/// Gives what static analysis and image scan found, as SARIF 2.1.0 with a run each.
#[utoipa::path(get, path = "/deployments/{number}/evidence/sarif", operation_id = "get_sarif", tag = "deployments", params(("number" = i64, Path)),
    responses((status = 200, description = "The findings", content_type = "application/sarif+json", body = Vec<u8>), Problem))]
pub(crate) async fn sarif(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(number): Path<i64>,
) -> Result<Response, HttpError> {
    answer(&web, &ctx, number, Form::Sarif).await
}

/// A file of the use case, to be saved and never shown: what agents answered is in it.
async fn answer(web: &Web, ctx: &OpCtx, number: i64, form: Form) -> Result<Response, HttpError> {
    let file = attestations::download(web.cp(), ctx, number, form).await?;
    let headers = [
        (CONTENT_TYPE, file.media_type.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", file.name),
        ),
    ];
    Ok((headers, file.bytes).into_response())
}
