//! The export of the audit log: the folder that the offline verifier reads, as one tar file.

use std::path::Path;

use audit_log::ExportSummary;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use control_plane::audit::{LogExport, pack};
use control_plane::{ControlPlane, Error, OpCtx, audit};
use domain::actor::Actor;
use futures::Stream;
use tokio::io::AsyncReadExt as _;

use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Bytes sent at once.
const PIECE: usize = 65_536;

/// Exports the whole log with its hashes, its signed checkpoint and its public key. Check it with `clearance audit verify`.
#[utoipa::path(get, path = "/audit/export", operation_id = "export_audit_log", tag = "audit",
    responses((status = 200, description = "A tar file", content_type = "application/x-tar", body = Vec<u8>), Problem))]
pub(crate) async fn export(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Response, HttpError> {
    let dir = tempfile::tempdir().map_err(failed)?;
    let folder = dir.path().join("export");
    collect(web.cp(), &ctx, &folder).await?;
    let packed = tokio::task::spawn_blocking(move || pack(&folder, tempfile::tempfile()?))
        .await
        .map_err(failed)?
        .map_err(failed)?;
    let length = packed.metadata().map_err(failed)?.len();
    let body = Body::from_stream(chunks(tokio::fs::File::from_std(packed)));
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"clearance-audit-log.tar\"".to_owned(),
        ),
        (CONTENT_LENGTH, length.to_string()),
    ];
    Ok((headers, body).into_response())
}

/// Writes the export into `dir`, for the command line.
///
/// # Errors
/// When the folder is not empty, the disk is full, or the database does not answer.
pub async fn write_export(cp: &ControlPlane, dir: &Path) -> Result<ExportSummary, Error> {
    let ctx = OpCtx::new(
        Actor::System {
            worker: "command-line".to_owned(),
        },
        "command-line",
        cp.clock(),
    );
    collect(cp, &ctx, dir).await
}

async fn collect(cp: &ControlPlane, ctx: &OpCtx, dir: &Path) -> Result<ExportSummary, Error> {
    let head = audit::begin_export(cp, ctx).await?;
    let mut log = LogExport::create(dir, &head)?;
    while log.go_on(cp, ctx).await? {}
    log.finish()
}

/// The file, piece by piece: an export may be larger than the memory.
fn chunks(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Vec<u8>>> {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok((length > 0).then_some((piece, file)))
    })
}

fn failed(error: impl std::error::Error) -> HttpError {
    tracing::error!(%error, "an export could not be made");
    HttpError::internal()
}
