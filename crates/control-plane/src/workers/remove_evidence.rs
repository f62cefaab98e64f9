//! Removes evidence that the policy keeps no longer.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::attestations;
use crate::deployments;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct RemoveEvidence;

#[async_trait]
impl Worker for RemoveEvidence {
    fn name(&self) -> &'static str {
        "remove_evidence"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        attestations::remove_old(cp, &deployments::worker(cp, self.name())).await?;
        Ok(Status::Idle)
    }
}
