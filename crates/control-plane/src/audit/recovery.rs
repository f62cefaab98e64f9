//! A database that is not the one that was signed: set back by a restored backup, or rewritten. Then nothing is signed and
//! nothing is changed until a person has put the log and what was signed together again; reading goes on.

use audit_log::{Checkpoint, Hash, LeafEvent};
use domain::event::AuditAction;

use super::{Event, append, publish, to_u64, write};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// What is wrong with the log of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// Entries that were signed.
    pub signed: u64,
    /// Entries that the database has.
    pub found: u64,
}

impl Recovery {
    pub(crate) const fn error(self) -> Error {
        Error::Recovery {
            signed: self.signed,
            found: self.found,
        }
    }
}

/// Compares the log of the database with what the signer remembers, and begins or ends the recovery mode by what it finds.
///
/// # Errors
/// When the database does not answer, or the signer does not know what it signed.
pub async fn examine(cp: &ControlPlane) -> Result<Option<Recovery>, Error> {
    // Before the database: what was signed was committed before, so an honest log has it by now.
    let (signed, renamed) = remembered(cp)?;
    let found = to_u64(store::audit::size(cp.reader()).await?)?;
    let recovery = match signed {
        Some(head)
            if renamed || found < head.size || root_at(cp, head.size).await? != Some(head.root) =>
        {
            Some(Recovery {
                signed: head.size,
                found,
            })
        }
        Some(_) | None => None,
    };
    if let Some(Recovery { signed, found }) = recovery
        && cp.recovery().is_none()
    {
        tracing::error!(
            signed,
            found,
            "recovery mode: the database is not the one whose log was signed; nothing is changed until `clearance audit reconcile`"
        );
    }
    cp.set_recovery(recovery);
    Ok(recovery)
}

/// What was signed last; and whether that was a log of another name, which this one did not begin from.
fn remembered(cp: &ControlPlane) -> Result<(Option<Checkpoint>, bool), Error> {
    let failed = |e| Error::internal("audit::recovery", e);
    if let Some(head) = cp.signer().remembered().map_err(failed)? {
        return Ok((Some(head), false));
    }
    let before = cp.signer().predecessor().map_err(failed)?;
    Ok((before.clone(), before.is_some()))
}

/// The root of the first `size` entries by the stored hashes; nothing if some are missing.
async fn root_at(cp: &ControlPlane, size: u64) -> Result<Option<Hash>, Error> {
    let stored = store::audit::hashes(cp.reader(), &audit_log::indexes_for_root(size)).await?;
    Ok(audit_log::root(size, &stored).ok())
}

/// What an export must contain to make the database whole: what was signed, and what the database has.
///
/// # Errors
/// As [`examine`].
pub async fn needed(cp: &ControlPlane) -> Result<Vec<Checkpoint>, Error> {
    let (signed, _) = remembered(cp)?;
    let size = to_u64(store::audit::size(cp.reader()).await?)?;
    let root = root_at(cp, size)
        .await?
        .ok_or_else(|| Error::internal("audit::recovery", "hashes of the log are missing"))?;
    let origin = cp.settings().log_origin.clone();
    let found = Checkpoint { origin, size, root };
    Ok(signed.into_iter().chain([found]).collect())
}

/// Puts missing entries back, exactly as they were exported: the first of them is entry `first`. The caller has verified the
/// export against [`needed`].
///
/// # Errors
/// When the database is not as long as expected, or does not take them; then none of these was put back.
pub async fn replay(
    cp: &ControlPlane,
    ctx: &OpCtx,
    first: u64,
    leaves: &[Vec<u8>],
) -> Result<(), Error> {
    cp.transact_in_recovery(ctx, |tx: Tx| async move {
        for (index, leaf) in (first..).zip(leaves) {
            put_back(&tx, index, leaf).await?;
        }
        Ok(())
    })
    .await
}

async fn put_back(tx: &Tx, index: u64, leaf: &[u8]) -> Result<(), Error> {
    let event = LeafEvent::parse(leaf).map_err(|e| Error::internal("audit::replay", e))?;
    write::write(tx, leaf.to_vec(), &event, Some(index)).await?;
    Ok(())
}

/// Ends the recovery after the missing entries were put back, and records who did it and why.
///
/// # Errors
/// [`Error::Recovery`] if the log is still not the one that was signed.
pub async fn conclude(
    cp: &ControlPlane,
    ctx: &OpCtx,
    from: u64,
    reason: &str,
) -> Result<u64, Error> {
    if let Some(still) = examine(cp).await? {
        return Err(still.error());
    }
    let event = Event::new(AuditAction::LogReconciled, "log", &cp.settings().log_origin)
        .reason(reason)
        .with("from", from);
    record(cp, ctx, event).await
}

/// Begins a new log over the entries that the database has, after others were lost for good. Its first own entry names the last
/// checkpoint of the log before.
///
/// # Errors
/// When nothing was lost, or the database does not answer.
pub async fn begin_anew(cp: &ControlPlane, ctx: &OpCtx, reason: &str) -> Result<u64, Error> {
    let failed = |e| Error::internal("audit::begin_anew", e);
    let (before, renamed) = remembered(cp)?;
    let Some(before) = before.filter(|_| renamed) else {
        return Err(Error::internal(
            "audit::begin_anew",
            "the log has no new name",
        ));
    };
    let size = to_u64(store::audit::size(cp.reader()).await?)?;
    let root = root_at(cp, size)
        .await?
        .ok_or_else(|| Error::internal("audit::begin_anew", "hashes of the log are missing"))?;
    let origin = cp.settings().log_origin.clone();
    cp.signer()
        .begin_anew(&Checkpoint {
            origin: origin.clone(),
            size,
            root,
        })
        .map_err(failed)?;
    cp.set_recovery(None);
    let event = Event::new(AuditAction::LogReconciled, "log", &origin)
        .reason(reason)
        .with("from", size)
        .with("log_before", &before.origin)
        .with("size_before", before.size)
        .with("root_before", before.root.to_base64());
    record(cp, ctx, event).await
}

async fn record(cp: &ControlPlane, ctx: &OpCtx, event: Event) -> Result<u64, Error> {
    let index = cp
        .transact("audit::reconcile", ctx, |tx: Tx| {
            let event = event.clone();
            async move { append(&tx, ctx, event).await }
        })
        .await?;
    publish(cp).await?;
    Ok(index + 1)
}
