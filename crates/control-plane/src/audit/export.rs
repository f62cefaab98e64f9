//! The export of the log: where it ends, its entries exactly as they are stored, and the folder that the offline verifier reads.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::Path;

use audit_log::{ExportItem, ExportSummary, ExportWriter, Hash, Row, VerifierKey};
use domain::authz::{Action, Facts};
use domain::event::AuditAction;

use super::{Event, append, ask_witnesses, head, publish, to_i64, to_u64};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::store;
use crate::store::entity::audit_leaf;
use crate::transact::Tx;

/// Entries read at once.
const PAGE: u64 = 500;

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
    export_head(cp).await
}

/// Signs the log as it is now, and answers where an export of it ends.
pub(crate) async fn export_head(cp: &ControlPlane) -> Result<ExportHead, Error> {
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

/// Writes the log up to a head into a folder, a page of entries at a time: a log may be larger than the memory.
pub struct LogExport {
    writer: ExportWriter,
    next: u64,
    size: u64,
}

impl std::fmt::Debug for LogExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogExport")
            .field("next", &self.next)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

fn failed(error: audit_log::ExportError) -> Error {
    Error::internal("audit::export", error)
}

impl LogExport {
    /// Starts in a folder that is empty or not there.
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written.
    pub fn create(dir: &Path, head: &ExportHead) -> Result<Self, Error> {
        let writer = ExportWriter::create(dir, &head.checkpoint_note, &head.key).map_err(failed)?;
        Ok(Self {
            writer,
            next: 0,
            size: head.size,
        })
    }

    /// Entries written.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.next
    }

    /// Writes the next page of entries. False when there are no more.
    ///
    /// # Errors
    /// When the actor may not export, the disk is full, or the database does not answer.
    pub async fn go_on(&mut self, cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
        let left = self.size - self.next;
        if left == 0 {
            return Ok(false);
        }
        let items = export_items(cp, ctx, self.next, PAGE.min(left)).await?;
        for item in &items {
            self.writer.push(item).map_err(failed)?;
            self.next = item.index + 1;
        }
        Ok(!items.is_empty())
    }

    /// Writes what is left, and the checkpoint last.
    ///
    /// # Errors
    /// When entries are missing, or the disk is full.
    pub fn finish(self) -> Result<ExportSummary, Error> {
        self.writer.finish().map_err(failed)
    }
}

/// Packs a folder into one tar file, the same bytes for the same content, and answers the file at its beginning.
///
/// # Errors
/// When something cannot be read or written.
pub fn pack(folder: &Path, file: File) -> io::Result<File> {
    let mut builder = tar::Builder::new(BufWriter::new(file));
    builder.mode(tar::HeaderMode::Deterministic);
    builder.append_dir_all("", folder)?;
    let mut written = builder.into_inner()?;
    written.flush()?;
    let mut file = written.into_inner()?;
    file.rewind()?;
    Ok(file)
}
