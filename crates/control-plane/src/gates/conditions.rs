//! What conditions over a manifest said: kept beside the deployment, and in the audit log.

use domain::event::AuditAction;
use domain::policy::ConditionVerdict;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::policies::Judged;
use crate::store;
use crate::store::entity::{agent, deployment};
use crate::transact::Tx;

/// Keeps the verdicts of a deployment's conditions, in place of those of an earlier try.
pub(crate) async fn keep(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    agent: &agent::Model,
    digest: &str,
    judged: &[Judged],
) -> Result<(), Error> {
    cp.transact("gates::keep_conditions", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, row.id, row.fence, ctx.now()).await?;
        store::conditions::replace(tx, row.id, judged, ctx.now()).await?;
        let mut event = Event::new(
            AuditAction::ConditionsJudged,
            "deployment",
            row.number.to_string(),
        )
        .agent(&agent.slug)
        .deployment(row.number)
        .digest(Some(digest));
        for verdict in ConditionVerdict::ALL {
            let names: Vec<&str> = judged
                .iter()
                .filter(|one| one.verdict == *verdict)
                .map(|one| one.name.as_str())
                .collect();
            if !names.is_empty() {
                event = event.with(verdict.as_str(), names.join(", "));
            }
        }
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}
