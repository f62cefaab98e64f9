//! Writes down what the clock ended: roles held for a time, requests that nobody answered, and post-reviews that are late.
//! Nothing waits for it: who asks reads the clock.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::break_glass;
use crate::deployments;
use crate::elevations;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct ExpireElevations;

#[async_trait]
impl Worker for ExpireElevations {
    fn name(&self) -> &'static str {
        "expire_elevations"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let over = elevations::lapse(cp, &ctx).await? + break_glass::lapse(cp, &ctx).await?;
        Ok(if over == 0 {
            Status::Idle
        } else {
            Status::Worked
        })
    }
}
