//! Reads the audit log after its own cursor and keeps what held when. The cursor and what it read are one transaction, and the
//! log's order has no gaps (see `route_notifications`), so the history is that of the log up to the cursor.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::history;
use crate::store;
use crate::transact::Tx;

/// Events in one transaction.
const BATCH: u64 = 500;

/// The worker.
#[derive(Debug)]
pub(crate) struct KeepHistory;

#[async_trait]
impl Worker for KeepHistory {
    fn name(&self) -> &'static str {
        "keep_history"
    }

    /// Not at each commit: a busy second is one transaction, not hundreds.
    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        if store::history::cursor(cp.reader()).await? >= store::audit::size(cp.reader()).await? {
            return Ok(Status::Idle);
        }
        let read = cp
            .transact("history::keep", &ctx, |tx: Tx| async move {
                let tx = &tx;
                let from = store::history::lock_cursor(tx).await?;
                let mut next = from;
                for row in store::audit::leaves_from(&**tx, from, BATCH).await? {
                    if row.idx != next {
                        return Err(Error::internal("history", "the log has a gap"));
                    }
                    history::keep(tx, &row).await?;
                    next += 1;
                }
                if next > from {
                    store::history::move_cursor(tx, from, next).await?;
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
}
