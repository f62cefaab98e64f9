//! Looks whether somebody answers for each agent, and whether what runs has an identity. An owner who has no role in the agent's
//! team any more is a finding; where nobody else is named within the grace that the operator gives, the agent's identities are
//! suspended until somebody is.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::finding::{FindingKind, SubjectKind};

use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::identities;
use crate::store;
use crate::transact::Tx;

const KINDS: [FindingKind; 2] = [FindingKind::OwnerLeft, FindingKind::WithoutIdentity];
const REASON: &str = "The owner of the agent has left, and nobody else was named in time.";

/// The worker.
#[derive(Debug)]
pub(crate) struct WatchOwners;

#[async_trait]
impl Worker for WatchOwners {
    fn name(&self) -> &'static str {
        "watch_owners"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Few commits change who answers for what, so the timer is enough.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let mut seen = left(cp).await?;
        seen.extend(without_identity(cp).await?);
        let known = store::findings::unresolved(cp.reader(), &KINDS).await?;
        if seen.is_empty() && known.is_empty() {
            return Ok(Status::Idle);
        }
        cp.transact("owners::watch", &ctx, |tx: Tx| {
            let (ctx, seen) = (&ctx, &seen);
            async move { findings::reconcile(&tx, ctx, &KINDS, seen).await }
        })
        .await?;
        suspend(cp, &ctx).await?;
        Ok(Status::Idle)
    }
}

/// The agents whose owner has left. One statement.
async fn left(cp: &ControlPlane) -> Result<Vec<Found>, Error> {
    let agents = store::agent_owners::left(cp.reader()).await?.into_iter();
    let found = agents.map(|agent| {
        let what = format!(
            "Who answers for {} has no role in its team any more. Name another owner on its page.",
            agent.slug
        );
        Found::new(FindingKind::OwnerLeft, SubjectKind::Agent, agent.slug, what)
            .agent(agent.id, agent.team_id)
    });
    Ok(found.collect())
}

/// What is live although its identity was revoked by a person. Three statements.
async fn without_identity(cp: &ControlPlane) -> Result<Vec<Found>, Error> {
    let db = cp.reader();
    let revoked = store::identities::revoked_of_live(db).await?;
    if revoked.is_empty() {
        return Ok(Vec::new());
    }
    let agents = store::agents::many(db, revoked.iter().map(|i| i.agent_id).collect()).await?;
    let deployments = revoked.iter().map(|i| i.deployment_id).collect();
    let deployments = store::deployments::many(db, deployments).await?;
    let mut found = Vec::new();
    for identity in &revoked {
        let agent = agents.iter().find(|a| a.id == identity.agent_id);
        let deployment = deployments.iter().find(|d| d.id == identity.deployment_id);
        // Foreign keys see to it that both are there.
        if let (Some(agent), Some(deployment)) = (agent, deployment) {
            let what = format!(
                "{} runs in {} although its identity {} was revoked. Deploy or roll back for a new one, or stop it.",
                agent.slug, deployment.environment, identity.client_id
            );
            let about = Found::new(
                FindingKind::WithoutIdentity,
                SubjectKind::Identity,
                identity.client_id.as_str(),
                what,
            );
            let about = about.agent(agent.id, agent.team_id);
            found.push(about.deployment(deployment.number));
        }
    }
    Ok(found)
}

/// Suspends the identities of those whose owner left longer ago than the grace lasts.
async fn suspend(cp: &ControlPlane, ctx: &OpCtx) -> Result<(), Error> {
    let grace = TimeDelta::hours(i64::from(cp.settings().owner_grace_hours));
    let late = store::findings::unresolved(cp.reader(), &[FindingKind::OwnerLeft]).await?;
    for finding in late {
        let over = finding.first_seen + grace <= ctx.now();
        let Some(agent) = finding.agent_id.filter(|_| over) else {
            continue;
        };
        if store::identities::active_of(cp.reader(), agent)
            .await?
            .is_empty()
        {
            continue;
        }
        cp.transact("owners::suspend", ctx, |tx: Tx| async move {
            let tx = &tx;
            let agent = store::agents::lock(tx, agent).await?;
            identities::suspend_all(tx, ctx, &agent, REASON).await
        })
        .await?;
    }
    Ok(())
}
