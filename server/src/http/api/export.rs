//! The export of the audit log: the folder that the offline verifier reads, as one tar file.

use std::path::Path;

use audit_log::{ExportSummary, ExportWriter};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use control_plane::audit::ExportHead;
use control_plane::{ControlPlane, Error, OpCtx, audit};
use domain::actor::Actor;
use futures::Stream;
use tokio::io::AsyncReadExt as _;

use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Entries read at once.
const PAGE: u64 = 500;
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
    let packed = tokio::task::spawn_blocking(move || pack(&folder))
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
    write_log(cp, ctx, &head, dir).await
}

/// Writes the log up to a head that was begun into `dir`.
///
/// # Errors
/// When the folder is not empty, the disk is full, or the database does not answer.
pub(crate) async fn write_log(
    cp: &ControlPlane,
    ctx: &OpCtx,
    head: &ExportHead,
    dir: &Path,
) -> Result<ExportSummary, Error> {
    let internal = |error| Error::internal("audit::export", error);
    let mut writer =
        ExportWriter::create(dir, &head.checkpoint_note, &head.key).map_err(internal)?;
    let mut next = 0;
    while next < head.size {
        let items = audit::export_items(cp, ctx, next, PAGE.min(head.size - next)).await?;
        if items.is_empty() {
            break;
        }
        for item in &items {
            writer.push(item).map_err(internal)?;
            next = item.index + 1;
        }
    }
    writer.finish().map_err(internal)
}

/// A tar file without a name, so that it is gone when it was sent.
pub(super) fn pack(folder: &Path) -> std::io::Result<std::fs::File> {
    use std::io::Seek as _;
    let mut builder = tar::Builder::new(tempfile::tempfile()?);
    builder.mode(tar::HeaderMode::Deterministic);
    builder.append_dir_all("", folder)?;
    let mut file = builder.into_inner()?;
    file.rewind()?;
    Ok(file)
}

/// The file, piece by piece: an export may be larger than the memory.
pub(super) fn chunks(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Vec<u8>>> {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok((length > 0).then_some((piece, file)))
    })
}

pub(super) fn failed(error: impl std::error::Error) -> HttpError {
    tracing::error!(%error, "an export could not be made");
    HttpError::internal()
}
