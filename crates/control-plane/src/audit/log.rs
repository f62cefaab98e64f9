//! The log for those outside: the signed tree head, tiles, entries, and the export. Nothing is recomputed from anything
//! else on the way out, so that a difference in the database shows.

use audit_log::tile::encode_entries;
use audit_log::{ExportItem, Hash, Row, TilePath, VerifierKey};
use domain::authz::{Action, Facts};
use domain::event::AuditAction;

use super::{Event, alarm, append, ask_witnesses, head, publish, to_i64, to_u64};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::store;
use crate::store::entity::audit_leaf;
use crate::transact::Tx;

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

/// Where an export ends, and the key that it is checked with.
#[derive(Debug, Clone)]
pub struct ExportHead {
    /// The signed tree head.
    pub checkpoint_note: String,
    /// Entries up to it.
    pub size: u64,
    pub key: VerifierKey,
}

/// Starts an export: records that it was made, signs the log as it is then, and answers where it ends.
///
/// # Errors
/// When the actor may not export, or the database does not answer.
pub async fn begin_export(cp: &ControlPlane, ctx: &OpCtx) -> Result<ExportHead, Error> {
    let may = ctx.authorize(Action::Export, Facts::default());
    cp.noted("audit::begin_export", ctx, may).await?;
    let event = Event::new(
        AuditAction::EvidenceExported,
        "log",
        &cp.settings().log_origin,
    );
    cp.transact("audit::begin_export", ctx, |tx: Tx| {
        let event = event.clone();
        async move { append(&tx, ctx, event).await }
    })
    .await?;
    publish(cp).await?;
    // Those who answer now are in the export; the others may sign a later one.
    let asking = deployments::worker(cp, "ask_witnesses");
    match ask_witnesses(cp, &asking).await {
        // Somebody else is asking them.
        Ok(_) | Err(Error::Fenced) => {}
        Err(error) => return Err(error),
    }
    let newest = head::newest(cp)
        .await?
        .ok_or(Error::NotFound { kind: "checkpoint" })?;
    Ok(ExportHead {
        size: newest.checkpoint.size,
        checkpoint_note: newest.note,
        key: cp.checkpoint_key().verifier_key(),
    })
}

/// Up to `limit` entries from `from` on, exactly as they are stored.
///
/// # Errors
/// When the actor may not export, or the database does not answer.
pub async fn export_items(
    cp: &ControlPlane,
    ctx: &OpCtx,
    from: u64,
    limit: u64,
) -> Result<Vec<ExportItem>, Error> {
    ctx.authorize(Action::Export, Facts::default())?;
    let rows = store::audit::leaves_from(cp.reader(), to_i64(from)?, limit).await?;
    rows.into_iter().map(item).collect()
}

fn item(row: audit_leaf::Model) -> Result<ExportItem, Error> {
    let index = to_u64(row.idx)?;
    let leaf_hash =
        Hash::from_hex(&row.leaf_hash).map_err(|e| Error::internal("audit::export", e))?;
    let shown = Row {
        index,
        time: row.time,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        action: row.action,
        object_type: row.object_type,
        object_id: row.object_id,
        agent: row.agent,
        deployment: row.deployment.map(to_u64).transpose()?,
        outcome: row.outcome,
        leaf_hash,
    };
    Ok(ExportItem {
        index,
        leaf: row.leaf,
        leaf_hash,
        row: shown,
    })
}

async fn signed_size(cp: &ControlPlane) -> Result<u64, Error> {
    store::audit::last_checkpoint(cp.reader())
        .await?
        .map_or(Ok(0), |c| to_u64(c.size))
}
