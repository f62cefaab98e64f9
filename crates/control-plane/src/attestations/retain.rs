//! How long evidence is kept: what the policy keeps no longer is removed, a version at a time.
//!
//! A version keeps all of its evidence while one of its deployments is under way, live or ended lately, while it can be
//! rolled back to, while its agent has an incident that is not closed, and while a legal hold covers it. Gate runs with their verdicts and digests stay,
//! and so does the audit log: what is left proves that something was judged, and what it was.

use domain::environment::Environment;
use domain::event::AuditAction;
use domain::id::{EvidenceRemovalId, VersionId};
use domain::policy::{Policy, RetentionRules};
use domain::view::evaluation::RemovedEvidence;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::legal_holds::Held;
use crate::policies;
use crate::rollbacks;
use crate::store;
use crate::store::entity::{deployment, evidence_removal, version};
use crate::transact::Tx;

/// Versions that are looked at in one go.
const PAGE: u64 = 100;

/// Removes what the policy in force keeps no longer. Returns of how many versions.
pub(crate) async fn remove_old(cp: &ControlPlane, ctx: &OpCtx) -> Result<usize, Error> {
    let policy = policies::document(cp.reader()).await?;
    let Some(rules) = policy.retention else {
        return Ok(0);
    };
    let cut = rules.cut(ctx.now());
    let mut removed = 0;
    let mut after: Option<VersionId> = None;
    loop {
        let due = store::evidence_removals::due(cp.reader(), cut, after, PAGE).await?;
        let Some(last) = due.last() else {
            return Ok(removed);
        };
        after = Some(last.id);
        for version in &due {
            if remove(cp, ctx, version, (&policy, rules)).await? {
                removed += 1;
            }
        }
    }
}

/// Removes the evidence of one version, unless it is needed after all.
async fn remove(
    cp: &ControlPlane,
    ctx: &OpCtx,
    version: &version::Model,
    (policy, rules): (&Policy, RetentionRules),
) -> Result<bool, Error> {
    let cut = rules.cut(ctx.now());
    cp.transact("attestations::remove_old", ctx, |tx: Tx| async move {
        let tx = &tx;
        // Whatever makes use of a version begins with this lock.
        let agent = store::agents::lock(tx, version.agent_id).await?;
        if !store::evidence_removals::is_due(tx, version.id, cut).await?
            || Held::read(&**tx).await?.covers(agent.id)
            || can_come_back(&**tx, version).await?
        {
            return Ok(false);
        }
        let row = evidence_removal::Model {
            id: EvidenceRemovalId(ids::new()),
            version_id: version.id,
            policy_version: i32::try_from(policy.version).unwrap_or(i32::MAX),
            days: i32::try_from(rules.evidence_days).unwrap_or(i32::MAX),
            removed_at: ctx.now(),
        };
        let (statements, reports) = store::evidence_removals::remove(tx, version, row, cut).await?;
        let event = Event::new(AuditAction::EvidenceRemoved, "version", &version.number)
            .agent(&agent.slug)
            .with("statements", statements.to_string())
            .with("reports", reports.to_string())
            .with("policy", policy.version.to_string())
            .with("days", rules.evidence_days.to_string());
        audit::append(tx, ctx, event).await?;
        Ok(true)
    })
    .await
}

/// The version can be restored in the place of what is live somewhere.
async fn can_come_back(db: &impl ConnectionTrait, version: &version::Model) -> Result<bool, Error> {
    for pointer in store::live::of_agents(db, vec![version.agent_id]).await? {
        let environment: Environment = pointer.environment;
        let live = store::deployments::get(db, pointer.deployment_id).await?;
        let targets =
            rollbacks::find_targets(db, version.agent_id, environment, live.number).await?;
        if targets.iter().any(|(_, one)| one.id == version.id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// That a deployment's evidence was removed, if it was.
pub(crate) async fn removal_of(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
) -> Result<Option<RemovedEvidence>, Error> {
    let Some(ended) = row.ended_at else {
        return Ok(None);
    };
    let newest = store::evidence_removals::newest(db, row.version_id).await?;
    let since = |removal: &evidence_removal::Model| removal.removed_at >= ended;
    Ok(newest.filter(since).map(|removal| RemovedEvidence {
        at: store::time::text(removal.removed_at),
        policy_version: removal.policy_version,
        days: removal.days,
    }))
}
