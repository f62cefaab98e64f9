//! Reads the audit log after its own cursor and keeps what held when: the history is that of the log up to the cursor.

use std::time::Duration;

use async_trait::async_trait;

use super::follow_log::follow;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::history;
use crate::store::log_cursors::LogCursor;
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
        let reading = ("history::keep", LogCursor::History, BATCH);
        follow(cp, &ctx, reading, |tx: Tx, row| async move {
            history::keep(&tx, &row).await
        })
        .await
    }
}
