//! Notes which live versions no longer comply with the policy in force, by the clock.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::compliance;
use crate::deployments;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct CheckCompliance;

#[async_trait]
impl Worker for CheckCompliance {
    fn name(&self) -> &'static str {
        "check_compliance"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// It reads all that is live; once in a while is enough.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        match compliance::weigh_all(cp, &ctx).await? {
            0 => Ok(Status::Idle),
            _ => Ok(Status::Worked),
        }
    }
}
