//! Handing a package out, piece by piece: it may be larger than the memory.

use domain::error::Conflict;
use domain::event::AuditAction;
use domain::id::PackageId;
use domain::package::PackageState;

use super::{PIECE, about, file_name, reads};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// A package that is handed out.
#[derive(Debug, Clone)]
pub struct Download {
    /// Name of the tar file.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Where its pieces are.
    place: (PackageId, i64),
}

/// Begins to hand a package out, and records who gets it.
///
/// # Errors
/// [`Error::Forbidden`] for who may not export evidence of every team now, whoever ordered it; [`Error::NotFound`];
/// [`Conflict::PackageNotReady`].
pub async fn download(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<Download, Error> {
    cp.noted("packages::download", ctx, reads(ctx)).await?;
    cp.transact("packages::download", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::packages::by_number(&**tx, number).await?;
        let bytes = row.bytes.and_then(|bytes| u64::try_from(bytes).ok());
        let (PackageState::Ready, Some(bytes)) = (row.state, bytes) else {
            return Err(Error::conflict(Conflict::PackageNotReady));
        };
        let event = about(AuditAction::PackageDownloaded, &row).digest(row.digest.as_deref());
        audit::append(tx, ctx, event).await?;
        Ok(Download {
            file: file_name(row.framework, row.number),
            bytes,
            place: (row.id, row.fence),
        })
    })
    .await
}

/// One piece of it, from 0; `None` behind the last.
///
/// # Errors
/// [`Error::NotFound`] when it was removed meanwhile, or the database does not answer.
pub async fn piece(
    cp: &ControlPlane,
    download: &Download,
    piece: u64,
) -> Result<Option<Vec<u8>>, Error> {
    let size = u64::try_from(PIECE).unwrap_or(u64::MAX);
    if piece >= download.bytes.div_ceil(size) {
        return Ok(None);
    }
    let found = store::packages::piece(cp.reader(), download.place, audit::to_i64(piece)?).await?;
    found.map(Some).ok_or(Error::NotFound { kind: "package" })
}
