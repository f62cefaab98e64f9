//! Signs the tree head when the log has grown.

use audit_log::Checkpoint;
use domain::actor::Actor;

use super::to_u64;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Signs and keeps a checkpoint of the log as it is now, if it has grown. Returns its size.
///
/// # Errors
/// When the database does not answer, or the stored hashes do not add up: then nothing is signed.
pub async fn publish(cp: &ControlPlane) -> Result<Option<u64>, Error> {
    let ctx = OpCtx::new(
        Actor::System {
            worker: "publish_checkpoints".to_owned(),
        },
        "worker",
        cp.clock(),
    );
    let size = store::audit::size(cp.reader()).await?;
    let last = store::audit::last_checkpoint(cp.reader())
        .await?
        .map_or(0, |c| c.size);
    if size <= last {
        return Ok(None);
    }
    let count = to_u64(size)?;
    let stored = store::audit::hashes(cp.reader(), &audit_log::indexes_for_root(count)).await?;
    let root = audit_log::root(count, &stored).map_err(|e| Error::internal("audit::publish", e))?;
    let checkpoint = Checkpoint {
        origin: cp.settings().log_origin.clone(),
        size: count,
        root,
    };
    let note = checkpoint
        .sign(cp.checkpoint_key())
        .map_err(|e| Error::internal("audit::publish", e))?;
    cp.transact("audit::publish", &ctx, |tx: Tx| {
        let note = &note;
        let ctx = &ctx;
        async move {
            let tx = &tx;
            // Two servers may sign at once: the same size is the same tree, so the first one is enough.
            store::audit::insert_checkpoint(tx, size, root.to_hex(), note.clone(), ctx.now()).await
        }
    })
    .await?;
    Ok(Some(count))
}
