//! Signs the tree head when the log has grown.

use audit_log::{Checkpoint, SignerError};
use domain::actor::Actor;

use super::recovery::examine;
use super::to_u64;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Signs and keeps a checkpoint of the log as it is now, if it has grown. Returns its size. A log that does not extend what was
/// signed before gets no signature; then the recovery mode begins.
///
/// # Errors
/// When the database does not answer, the stored hashes do not add up, or the signer does not know what it signed: then nothing
/// is signed.
pub async fn publish(cp: &ControlPlane) -> Result<Option<u64>, Error> {
    if examine(cp).await?.is_some() {
        return Ok(None);
    }
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
    let Some((root, note)) = sign(cp, count).await? else {
        return Ok(None);
    };
    cp.transact("audit::publish", &ctx, |tx: Tx| {
        let (note, root) = (&note, &root);
        let ctx = &ctx;
        async move {
            let tx = &tx;
            // Two servers may sign at once: the same size is the same tree, so the first one is enough.
            store::audit::insert_checkpoint(tx, size, root.clone(), note.clone(), ctx.now()).await
        }
    })
    .await?;
    Ok(Some(count))
}

/// The root of the first `count` entries, and the note that signs it, if the signer takes them for what grew out of what it
/// signed.
async fn sign(cp: &ControlPlane, count: u64) -> Result<Option<(String, String)>, Error> {
    let failed = |e| Error::internal("audit::publish", e);
    let signed = cp.signer().remembered();
    let signed = signed
        .map_err(|e| Error::internal("audit::publish", e))?
        .map_or(0, |head| head.size);
    if signed > count {
        // Another process signed more since we looked at the log.
        return Ok(None);
    }
    let mut wanted = audit_log::indexes_for_root(count);
    wanted.extend(audit_log::indexes_for_consistency(signed, count));
    let stored = store::audit::hashes(cp.reader(), &wanted).await?;
    let root = audit_log::root(count, &stored).map_err(failed)?;
    let proof = audit_log::prove_consistency(signed, count, &stored).map_err(failed)?;
    let checkpoint = Checkpoint {
        origin: cp.settings().log_origin.clone(),
        size: count,
        root,
    };
    match cp.signer().sign(&checkpoint, &proof) {
        Ok(note) => Ok(Some((root.to_hex(), note))),
        // Either another process was faster, or the log is not what was signed: the next look tells.
        Err(SignerError::SetBack { .. } | SignerError::Rewritten { .. }) => Ok(None),
        Err(error @ (SignerError::Memory(_) | SignerError::Checkpoint(_))) => {
            Err(Error::internal("audit::publish", error))
        }
    }
}
