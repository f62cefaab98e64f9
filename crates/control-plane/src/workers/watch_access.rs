//! Forgets access events that are older than the operator keeps them, and ends findings about acts that were not repeated.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access_event::QUIET_DAYS;
use domain::event::AuditAction;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::access_events::{self, KINDS};
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::findings;
use crate::legal_holds::Held;
use crate::store;
use crate::transact::Tx;

/// Lines of one transaction: nobody waits long for the one writer.
const AT_ONCE: u64 = 2_000;
/// Transactions of one activation.
const ROUNDS: u32 = 50;

/// The worker.
#[derive(Debug)]
pub(crate) struct WatchAccess;

#[async_trait]
impl Worker for WatchAccess {
    fn name(&self) -> &'static str {
        "watch_access"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = &deployments::worker(cp, self.name());
        let oldest = access_events::oldest(cp, ctx);
        for _ in 0..ROUNDS {
            let gone = cp.transact("watch_access::prune", ctx, |tx: Tx| async move {
                prune(&tx, ctx, oldest).await
            });
            if gone.await? < AT_ONCE {
                break;
            }
        }
        let since = ctx.now() - TimeDelta::days(QUIET_DAYS);
        cp.transact("watch_access::settle", ctx, |tx: Tx| async move {
            let tx = &tx;
            findings::settle_quiet(tx, ctx, &KINDS, since).await
        })
        .await?;
        Ok(Status::Idle)
    }
}

/// Forgets some of what is old and not held, and says so. Answers how many lines.
async fn prune(tx: &Tx, ctx: &OpCtx, oldest: DateTime<Utc>) -> Result<u64, Error> {
    let Held::Of(held) = Held::read(&**tx).await? else {
        return Ok(0);
    };
    let gone = store::access_events::prune(tx, oldest, &held, AT_ONCE).await?;
    if gone > 0 {
        let event = Event::new(AuditAction::AccessEventsRemoved, "access_events", "old")
            .with("lines", gone)
            .with("before", store::time::text(oldest));
        audit::append(tx, ctx, event).await?;
    }
    Ok(gone)
}
