//! Ends approvals that nobody answered, or nothing used, in time.

use std::time::Duration;

use async_trait::async_trait;
use domain::approval::ApprovalState;
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
                    // Somebody may have been faster.
                    let asked = store::approvals::by_number(&**tx, approval.number).await?;
                    let message = match asked.state {
                        ApprovalState::Open => "Nobody decided in time.",
                        ApprovalState::Approved => {
                            "It was approved and not used in time, so the approval expired."
                        }
                        ApprovalState::Rejected
                        | ApprovalState::Expired
                        | ApprovalState::Withdrawn
                        | ApprovalState::Stale
                        | ApprovalState::Consumed
                        | ApprovalState::Revoked
                        | ApprovalState::ExpiredUnused => return Ok(()),
                    };
                    if asked.id != approval.id {
                        return Ok(());
                    }
                    let row = store::deployments::get(&**tx, approval.deployment_id).await?;
                    end::end(tx, ctx, &row, DeploymentEvent::Expired, message, None).await
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
