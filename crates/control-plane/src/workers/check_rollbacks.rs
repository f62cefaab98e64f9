//! Looks, again and again, whether each live deployment could be rolled back, keeps what it finds with its time, and raises a
//! finding when it could not be.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::deployment::DeploymentState;
use domain::finding::{FindingKind, SubjectKind};
use domain::rollback::Readiness;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::rollbacks::{self, readiness};
use crate::store;
use crate::store::entity::{deployment, rollback_check};
use crate::transact::Tx;

/// How old a check may be.
const EVERY: TimeDelta = TimeDelta::minutes(5);
/// Checks of one activation: each reads an image whole.
const AT_ONCE: usize = 20;

/// The worker.
#[derive(Debug)]
pub(crate) struct CheckRollbacks;

#[async_trait]
impl Worker for CheckRollbacks {
    fn name(&self) -> &'static str {
        "check_rollbacks"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    // It reads every live row; what went live a moment ago can wait for the timer.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let db = cp.reader();
        let live = store::live::all(db).await?;
        let ids: Vec<_> = live.iter().map(|l| l.deployment_id).collect();
        let known = store::rollback_checks::of_many(db, ids.clone()).await?;
        let fresh = |row: &deployment::Model| {
            known
                .iter()
                .any(|c| c.deployment_id == row.id && ctx.now() - c.checked_at < EVERY)
        };
        let rows = store::deployments::many(db, ids).await?;
        let due = rows
            .iter()
            .filter(|row| row.state == DeploymentState::Live && !fresh(row));
        let mut checked = 0;
        for row in due.take(AT_ONCE) {
            check(cp, &ctx, row).await?;
            checked += 1;
        }
        Ok(if checked == AT_ONCE {
            Status::Worked
        } else {
            Status::Idle
        })
    }
}

async fn check(cp: &ControlPlane, ctx: &OpCtx, row: &deployment::Model) -> Result<(), Error> {
    let db = cp.reader();
    let found = rollbacks::find_target(db, row.agent_id, row.environment, row.number, None).await?;
    let (target, now, version) = match &found {
        Some((target, version)) => (
            Some(target.number),
            readiness::check(cp, version).await,
            version.number.as_str(),
        ),
        None => (None, Readiness::NoTarget, ""),
    };
    let agent = store::agents::get(db, row.agent_id).await?;
    cp.transact("rollbacks::check", ctx, |tx: Tx| {
        let agent = &agent;
        async move {
            let tx = &tx;
            let kept = rollback_check::Model {
                deployment_id: row.id,
                target,
                readiness: now,
                checked_at: ctx.now(),
            };
            store::rollback_checks::keep(tx, kept).await?;
            // One finding for an agent's environment, whichever deployment is live in it.
            let subject = format!("{} {}", agent.slug, row.environment);
            let (kind, about) = (FindingKind::RollbackNotReady, SubjectKind::Agent);
            if now == Readiness::Unchecked {
                return Ok(());
            }
            if !now.is_bad() {
                return findings::settle(tx, ctx, kind, about, &subject)
                    .await
                    .map(|_| ());
            }
            let what = format!(
                "{} could not be rolled back to {version} in {}: {}.",
                agent.slug,
                row.environment.label().to_lowercase(),
                now.label()
            );
            let found = Found::new(kind, about, subject, what)
                .agent(agent.id, agent.team_id)
                .deployment(row.number);
            findings::raise(tx, ctx, &found).await.map(|_| ())
        }
    })
    .await
}
