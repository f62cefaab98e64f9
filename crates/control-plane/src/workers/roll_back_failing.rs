//! Rolls production back where what is live is judged bad, within the limits of [`domain::rollback::automatic`].

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::rollbacks;
use crate::store;

/// The worker.
#[derive(Debug)]
pub(crate) struct RollBackFailing;

#[async_trait]
impl Worker for RollBackFailing {
    fn name(&self) -> &'static str {
        "roll_back_failing"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let mut worked = false;
        for failing in store::live_failures::all(cp.reader()).await? {
            worked |= rollbacks::consider(cp, &ctx, &failing).await?;
        }
        Ok(if worked { Status::Worked } else { Status::Idle })
    }
}
