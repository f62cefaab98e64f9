//! Changes the key of access tokens when it signed long enough.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::signing_keys;

/// The worker.
#[derive(Debug)]
pub(crate) struct RotateSigningKeys;

#[async_trait]
impl Worker for RotateSigningKeys {
    fn name(&self) -> &'static str {
        "rotate_signing_keys"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        signing_keys::keep_schedule(cp, &ctx).await?;
        Ok(Status::Idle)
    }
}
