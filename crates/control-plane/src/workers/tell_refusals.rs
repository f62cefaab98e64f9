//! Writes down how often what was refused was refused again, once its minute is over.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct TellRefusals;

#[async_trait]
impl Worker for TellRefusals {
    fn name(&self) -> &'static str {
        "tell_refusals"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let told = audit::tell_refusals(cp).await?;
        Ok(if told == 0 {
            Status::Idle
        } else {
            Status::Worked
        })
    }
}
