//! Frameworks and controls, and evidence packages as one tar file.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, controls};
use domain::controls::Framework;
use domain::form::query::ControlsQuery;
use domain::view::controls::{FrameworkView, Frameworks};
use serde::Deserialize;

use super::export::{chunks, failed, pack};
use super::extract::{Path, Query};
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;
use crate::package::{self, Order};

/// How many events of a sample are chosen where nobody says.
const SAMPLE: usize = 25;

/// What of a package is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PackageQuery {
    from: String,
    to: String,
    agent: String,
    seed: String,
    sample: Option<usize>,
}

/// Lists frameworks, with how many controls of each have no evidence in the period.
#[utoipa::path(get, path = "/compliance", operation_id = "list_frameworks", tag = "compliance",
    params(("from" = Option<String>, Query, description = "A day or a time; 90 days before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("agent" = Option<String>, Query, description = "Slug of an agent")),
    responses((status = 200, description = "The frameworks", body = Frameworks), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<ControlsQuery>,
) -> Result<Json<Frameworks>, HttpError> {
    Ok(Json(controls::frameworks(web.cp(), &ctx, &query).await?))
}

/// Shows the controls of a framework, what supports evidence for each, and the gaps.
#[utoipa::path(get, path = "/compliance/{framework}", operation_id = "get_framework", tag = "compliance",
    params(("framework" = Framework, Path), ("from" = Option<String>, Query, description = "A day or a time; 90 days before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("agent" = Option<String>, Query, description = "Slug of an agent")),
    responses((status = 200, description = "The framework", body = FrameworkView), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(framework): Path<Framework>,
    Query(query): Query<ControlsQuery>,
) -> Result<Json<FrameworkView>, HttpError> {
    Ok(Json(
        controls::framework(web.cp(), &ctx, framework, &query).await?,
    ))
}

/// Makes an evidence package: report, tables, OSCAL, a sample with proofs, and the whole log, signed. Check it with
/// `clearance evidence verify-package`.
#[utoipa::path(get, path = "/compliance/{framework}/package", operation_id = "export_evidence_package", tag = "compliance",
    params(("framework" = Framework, Path), ("from" = Option<String>, Query, description = "A day or a time; 90 days before `to` without it"), ("to" = Option<String>, Query, description = "A day, which counts whole, or a time; now without it"),
        ("agent" = Option<String>, Query, description = "Slug of an agent"), ("seed" = Option<String>, Query, description = "By which events of the sample are chosen; up to 100 printable ASCII characters"),
        ("sample" = Option<usize>, Query, description = "How many events are chosen, up to 500; 25 without it")),
    responses((status = 200, description = "A tar file", content_type = "application/x-tar", body = Vec<u8>), Problem))]
pub(crate) async fn package(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(framework): Path<Framework>,
    Query(query): Query<PackageQuery>,
) -> Result<Response, HttpError> {
    let order = Order {
        framework,
        asked: ControlsQuery {
            from: query.from,
            to: query.to,
            agent: query.agent,
        },
        seed: query.seed,
        sample: query.sample.unwrap_or(SAMPLE),
    };
    if !order.is_possible() {
        return Err(HttpError::bad_request(
            "A seed has up to 100 printable ASCII characters, and a sample up to 500 events.",
        ));
    }
    let dir = tempfile::tempdir().map_err(failed)?;
    let folder = dir.path().join("package");
    package::write(web.cp(), &ctx, &order, &folder).await?;
    let packed = tokio::task::spawn_blocking(move || pack(&folder))
        .await
        .map_err(failed)?
        .map_err(failed)?;
    let length = packed.metadata().map_err(failed)?.len();
    let name = format!("attachment; filename=\"clearance-evidence-{framework}.tar\"");
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CONTENT_DISPOSITION, name),
        (CONTENT_LENGTH, length.to_string()),
    ];
    let body = Body::from_stream(chunks(tokio::fs::File::from_std(packed)));
    Ok((headers, body).into_response())
}
