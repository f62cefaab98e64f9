//! Asks witnesses to sign the newest head of the audit log, and notices when too few of them do.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit;
use crate::deployments;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct AskWitnesses;

#[async_trait]
impl Worker for AskWitnesses {
    fn name(&self) -> &'static str {
        "ask_witnesses"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// A head is signed at most once a second, whatever is committed.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let asked = audit::ask_witnesses(cp, &ctx).await?;
        let turned = audit::observe_witnesses(cp, &ctx).await?;
        Ok(if asked || turned {
            Status::Worked
        } else {
            Status::Idle
        })
    }
}
