//! Writes signed heads of the audit log down outside, where that is configured.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit;
use crate::deployments;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct AnchorCheckpoints;

#[async_trait]
impl Worker for AnchorCheckpoints {
    fn name(&self) -> &'static str {
        "anchor_checkpoints"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(10)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let tried = audit::write_anchors(cp, &ctx).await?;
        Ok(if tried { Status::Worked } else { Status::Idle })
    }
}
