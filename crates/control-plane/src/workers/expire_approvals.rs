//! Ends approvals that nobody answered in time.

use std::time::Duration;

use async_trait::async_trait;
use domain::deployment::DeploymentEvent;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments::{self, end};
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct ExpireApprovals;

#[async_trait]
impl Worker for ExpireApprovals {
    fn name(&self) -> &'static str {
        "expire_approvals"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let overdue = store::approvals::overdue(cp.reader(), ctx.now()).await?;
        for approval in &overdue {
            cp.transact("approvals::expire", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    let row = store::deployments::get(&**tx, approval.deployment_id).await?;
                    end::end(
                        tx,
                        ctx,
                        &row,
                        DeploymentEvent::Expired,
                        "Nobody decided in time.",
                        None,
                    )
                    .await
                }
            })
            .await?;
        }
        Ok(if overdue.is_empty() {
            Status::Idle
        } else {
            Status::Worked
        })
    }
}
