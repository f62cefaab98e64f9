//! Looks at the engines behind the gates: whether their programs are there, and how old their data is.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::engines;
use crate::error::Error;
use crate::store;

/// Between two looks: data ages by the day, and programs come and go seldom.
const EVERY: TimeDelta = TimeDelta::minutes(10);

/// The worker.
#[derive(Debug)]
pub(crate) struct WatchEngines;

#[async_trait]
impl Worker for WatchEngines {
    fn name(&self) -> &'static str {
        "watch_engines"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let known = store::engines::all(cp.reader()).await?;
        let fresh = known
            .first()
            .is_some_and(|row| ctx.now() - row.looked_at < EVERY);
        if !fresh {
            engines::look(cp, &ctx).await?;
        }
        Ok(Status::Idle)
    }
}
