//! Signs the tree head at most once a second when the log has grown.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct PublishCheckpoints;

#[async_trait]
impl Worker for PublishCheckpoints {
    fn name(&self) -> &'static str {
        "publish_checkpoints"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    /// It is the one that notices, and notices when it is over.
    fn works_in_recovery(&self) -> bool {
        true
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        audit::publish(cp).await?;
        // One head a second is enough, however much was written.
        Ok(Status::Idle)
    }
}
