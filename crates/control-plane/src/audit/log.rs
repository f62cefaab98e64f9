//! The log for those outside: the signed tree head, tiles and entries. Nothing is recomputed from anything else on the way out, so
//! that a difference in the database shows.

use audit_log::TilePath;
use audit_log::tile::encode_entries;
use domain::authz::{Action, Facts};

use super::{alarm, head, to_i64, to_u64};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;

/// The newest signed tree head that enough witnesses have seen, with what they said; the newest of all where nobody is asked or
/// witnesses are late. `None` before the first.
///
/// # Errors
/// When the database does not answer.
pub async fn checkpoint_note(cp: &ControlPlane) -> Result<Option<String>, Error> {
    let witnessed = head::witnessed(cp).await?;
    let late = alarm::is_overdue(alarm::unseen_since(cp).await?, cp.clock().now());
    let shown = match witnessed {
        Some(head) if !late => Some(head),
        Some(_) | None => head::newest(cp).await?,
    };
    Ok(shown.map(|head| head.note))
}

/// A tile of hashes, if the newest signed tree has it. Open to everybody: hashes tell nothing of what was recorded.
///
/// # Errors
/// When the database does not answer or lacks a hash.
pub async fn tile(cp: &ControlPlane, path: &TilePath) -> Result<Option<Vec<u8>>, Error> {
    let size = signed_size(cp).await?;
    let Ok(indexes) = path.hash_indexes(size) else {
        return Ok(None);
    };
    let stored = store::audit::hashes(cp.reader(), &indexes).await?;
    path.encode_hashes(size, &stored)
        .map(Some)
        .map_err(|e| Error::internal("audit::tile", e))
}

/// A tile of entries, if the newest signed tree has it. Entries name people and agents of every team, and a tile with some
/// of them left out proves nothing, so it is for those who read everywhere.
///
/// # Errors
/// [`Error::Forbidden`] for people who read in some teams alone or nowhere; else when the database does not answer.
pub async fn entries(
    cp: &ControlPlane,
    ctx: &OpCtx,
    path: &TilePath,
) -> Result<Option<Vec<u8>>, Error> {
    ctx.authorize(Action::Read, Facts::default())?;
    if !path.is_in(signed_size(cp).await?) {
        return Ok(None);
    }
    let range = path.range();
    let first = to_i64(range.start)?;
    let rows = store::audit::leaves_from(cp.reader(), first, range.end - range.start).await?;
    let bundle = encode_entries(rows.iter().map(|row| row.leaf.as_slice()));
    bundle
        .map(Some)
        .map_err(|e| Error::internal("audit::entries", e))
}

async fn signed_size(cp: &ControlPlane) -> Result<u64, Error> {
    store::audit::last_checkpoint(cp.reader())
        .await?
        .map_or(Ok(0), |c| to_u64(c.size))
}
