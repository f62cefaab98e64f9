//! Reads the audit log after its own cursor and writes a message for everybody who should hear of an event. The cursor and
//! the messages are one transaction. The log's index is given out under a lock that is held until the commit, so behind
//! an index that can be read there is none that appears later: nothing is skipped.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::issues;
use crate::notifications::route;
use crate::store;
use crate::transact::Tx;

/// Events in one transaction.
const BATCH: u64 = 100;

/// The worker.
#[derive(Debug)]
pub(crate) struct RouteNotifications;

#[async_trait]
impl Worker for RouteNotifications {
    fn name(&self) -> &'static str {
        "route_notifications"
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
        if store::notices::cursor(cp.reader()).await? >= store::audit::size(cp.reader()).await? {
            return Ok(Status::Idle);
        }
        let read = cp
            .transact("notifications::route", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    let from = store::notices::lock_cursor(tx).await?;
                    let mut next = from;
                    for row in store::audit::leaves_from(&**tx, from, BATCH).await? {
                        if row.idx != next {
                            return Err(Error::internal("route", "the log has a gap"));
                        }
                        route::event(tx, cp, ctx, &row).await?;
                        issues::event(tx, cp, ctx, &row).await?;
                        next += 1;
                    }
                    if next > from {
                        store::notices::move_cursor(tx, from, next).await?;
                    }
                    Ok(next - from)
                }
            })
            .await?;
        Ok(if read == 0 {
            Status::Idle
        } else {
            Status::Worked
        })
    }
}
