//! Reading the audit log in order behind a cursor of one's own. The cursor and what came of the events are one transaction. The log's
//! index is given out under a lock that is held until the commit, so behind an index that can be read there is none that appears
//! later: nothing is skipped.

use std::future::Future;

use super::Status;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::audit_leaf;
use crate::store::log_cursors::LogCursor;
use crate::transact::Tx;

/// Takes the next events, at most `batch` in one transaction called `name`.
pub(super) async fn follow<F>(
    cp: &ControlPlane,
    ctx: &OpCtx,
    (name, which, batch): (&'static str, LogCursor, u64),
    take: impl Fn(Tx, audit_leaf::Model) -> F,
) -> Result<Status, Error>
where
    F: Future<Output = Result<(), Error>> + Send,
{
    if store::log_cursors::at(cp.reader(), which).await? >= store::audit::size(cp.reader()).await? {
        return Ok(Status::Idle);
    }
    let take = &take;
    let read = cp
        .transact(name, ctx, |tx: Tx| async move {
            let from = store::log_cursors::lock(&tx, which).await?;
            let mut next = from;
            for row in store::audit::leaves_from(&*tx, from, batch).await? {
                if row.idx != next {
                    return Err(Error::internal(name, "the log has a gap"));
                }
                take(tx.clone(), row).await?;
                next += 1;
            }
            if next > from {
                store::log_cursors::advance(&tx, which, from, next).await?;
            }
            Ok(next - from)
        })
        .await?;
    Ok(if read == 0 {
        Status::Idle
    } else {
        Status::Worked
    })
}
