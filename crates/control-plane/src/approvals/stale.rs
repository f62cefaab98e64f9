//! What people are asked about must be what would go live. When it is not any more, the question is stale and the
//! deployment asks again, as a new round under the same number.

use domain::approval::{ApprovalEvent, ApprovalState};
use domain::canonical;
use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::manifest::ReleaseManifest;
use sea_orm::ConnectionTrait;

use super::settle;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments::{self, manifest};
use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, approval};
use crate::transact::Tx;

/// The names of the fields in which what would go live now differs from what is asked; `None` when it does not.
pub(super) async fn changed(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
    asked: &approval::Model,
) -> Result<Option<Vec<&'static str>>, Error> {
    let row = store::deployments::get(db, asked.deployment_id).await?;
    let version = store::versions::get(db, row.version_id).await?;
    let runs = store::gates::of(db, row.id).await?;
    let now = manifest::of(agent, &version, &row, &runs)?;
    differences(asked, &now)
}

/// The same, for a manifest that is known.
pub(crate) fn differences(
    asked: &approval::Model,
    now: &ReleaseManifest,
) -> Result<Option<Vec<&'static str>>, Error> {
    let digest = canonical::digest_of(now).map_err(|e| Error::internal("approvals::stale", e))?;
    if digest == asked.manifest_digest {
        return Ok(None);
    }
    let then: Option<ReleaseManifest> = serde_json::from_str(&asked.manifest).ok();
    Ok(Some(
        then.map_or_else(Vec::new, |then| then.differing_fields(now)),
    ))
}

/// Marks an open question stale, names the fields, and sends the deployment back to where it asks. Does nothing when
/// somebody was faster.
pub(crate) async fn ask_again(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &approval::Model,
) -> Result<(), Error> {
    cp.transact("approvals::ask_again", ctx, |tx: Tx| async move {
        let tx = &tx;
        let asked = store::approvals::by_number(&**tx, asked.number).await?;
        let row = store::deployments::get(&**tx, asked.deployment_id).await?;
        if asked.state != ApprovalState::Open || row.state != DeploymentState::AwaitingApproval {
            return Ok(());
        }
        let agent = store::agents::get(&**tx, asked.agent_id).await?;
        let Some(fields) = changed(&**tx, &agent, &asked).await? else {
            return Ok(());
        };
        let reason = format!("Changed since it was asked: {}.", fields.join(", "));
        let event = ApprovalEvent::ManifestChanged;
        settle(tx, ctx, &agent, &asked, event, Some(&reason)).await?;
        deployments::advance(tx, ctx, &row, DeploymentEvent::ManifestChanged)
            .await
            .map(|_| ())
    })
    .await
}
