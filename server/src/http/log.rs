//! `/log/v1/…`: the audit log as a C2SP tlog-tiles log. The checkpoint and the hashes are open to everybody: they tell
//! nothing but that the log grew and was not rewritten. The entries name people and agents, so they need a permission.

use audit_log::{TileKind, TilePath};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use control_plane::{OpCtx, audit};

use super::error::HttpError;
use super::web::Web;

/// `GET /log/v1/checkpoint`: the newest signed tree head.
pub(crate) async fn checkpoint(State(web): State<Web>) -> Result<Response, HttpError> {
    let note = audit::checkpoint_note(web.cp())
        .await?
        .ok_or_else(HttpError::not_found)?;
    Ok((
        [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ],
        note,
    )
        .into_response())
}

/// `GET /log/v1/tile/{path}`: hashes or, with a permission, entries.
pub(crate) async fn tile(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(path): Path<String>,
) -> Result<Response, HttpError> {
    let path: TilePath = format!("tile/{path}")
        .parse()
        .map_err(|_| HttpError::not_found())?;
    let entries = path.kind() == TileKind::Entries;
    let found = if entries {
        audit::entries(web.cp(), &ctx, &path).await?
    } else {
        audit::tile(web.cp(), &path).await?
    };
    let bytes = found.ok_or_else(HttpError::not_found)?;
    // A full tile never changes; a partial one is replaced by a wider one.
    let caching = match (path.is_full(), entries) {
        (true, false) => "public, max-age=31536000, immutable",
        (true, true) => "private, max-age=31536000, immutable",
        (false, _) => "no-cache",
    };
    Ok((
        [
            (CONTENT_TYPE, "application/octet-stream"),
            (CACHE_CONTROL, caching),
        ],
        bytes,
    )
        .into_response())
}
