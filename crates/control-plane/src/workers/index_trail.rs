//! Takes words of events that wait for it into the full-text index, many at once. Until then the search looks at them where they
//! wait, so nothing depends on when this runs.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Events in one transaction.
const BATCH: u64 = 500;

/// The worker.
#[derive(Debug)]
pub(crate) struct IndexTrail;

#[async_trait]
impl Worker for IndexTrail {
    fn name(&self) -> &'static str {
        "index_trail"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        if store::audit_words::waiting(cp.reader(), BATCH).await? < BATCH {
            return Ok(Status::Idle);
        }
        let ctx = deployments::worker(cp, self.name());
        cp.transact("audit::index_trail", &ctx, |tx: Tx| async move {
            store::audit_words::take_over(&tx, BATCH).await
        })
        .await?;
        Ok(Status::Worked)
    }
}
