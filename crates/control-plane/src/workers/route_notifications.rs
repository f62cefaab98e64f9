//! Reads the audit log after its own cursor and writes a message for everybody who should hear of an event.

use std::time::Duration;

use async_trait::async_trait;

use super::follow_log::follow;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::issues;
use crate::notifications::route;
use crate::store::log_cursors::LogCursor;
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
        let ctx = &deployments::worker(cp, self.name());
        let reading = ("notifications::route", LogCursor::Notifications, BATCH);
        follow(cp, ctx, reading, |tx: Tx, row| async move {
            route::event(&tx, cp, ctx, &row).await?;
            issues::event(&tx, cp, ctx, &row).await
        })
        .await
    }
}
