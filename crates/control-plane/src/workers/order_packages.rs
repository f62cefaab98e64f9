//! Orders evidence packages of the periods that are over, as schedules say.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::packages;
use crate::store;

/// The worker.
#[derive(Debug)]
pub(crate) struct OrderPackages;

#[async_trait]
impl Worker for OrderPackages {
    fn name(&self) -> &'static str {
        "order_packages"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let (mut worked, mut failed) = (false, None);
        for row in store::package_schedules::active(cp.reader()).await? {
            // What stands in the way of one does not hold up the others.
            match packages::order_due(cp, &ctx, &row).await {
                Ok(done) => worked |= done,
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => Err(error),
            None if worked => Ok(Status::Worked),
            None => Ok(Status::Idle),
        }
    }
}
