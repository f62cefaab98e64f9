//! Watches live agents: finds them again after a start, starts those whose process was lost, notes their health.

use std::time::Duration;

use async_trait::async_trait;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::runtime::RuntimeHealth;

use super::names;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ports::PortErrorKind;
use crate::rollbacks;
use crate::store;
use crate::store::entity::deployment;
use crate::topic::Topic;
use crate::transact::Tx;

const STOPPED: &str = "The agent stopped.";
const UNHEALTHY: &str = "The agent does not answer its health check.";
const GONE: &str = "The runtime of the agent is gone.";

/// The worker.
#[derive(Debug)]
pub(crate) struct WatchRuntimes;

#[async_trait]
impl Worker for WatchRuntimes {
    fn name(&self) -> &'static str {
        "watch_runtimes"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let db = cp.reader();
        let live = store::live::all(db).await?;
        let ids = live.iter().map(|l| l.deployment_id).collect();
        let rows = store::deployments::many(db, ids).await?;
        // What is in quarantine is stopped on purpose.
        let quarantined = store::quarantines::current(db).await?;
        let failing = store::live_failures::all(db).await?;
        for row in rows.iter().filter(|r| {
            r.state == DeploymentState::Live && !quarantined.iter().any(|q| q.deployment_id == r.id)
        }) {
            let seen = look(cp, row).await;
            let same = seen.health == row.health
                && (seen.endpoint.is_none() || seen.endpoint == row.endpoint);
            let known = failing.iter().any(|f| f.deployment_id == row.id);
            let judged = row.environment == Environment::Production
                && (seen.wrong.is_some() || (known && seen.health == RuntimeHealth::Healthy));
            if same && !judged {
                continue;
            }
            note(cp, &ctx, row, &seen, judged).await?;
        }
        Ok(Status::Idle)
    }
}

/// What a look came to.
struct Seen {
    health: RuntimeHealth,
    endpoint: Option<String>,
    /// What is wrong, where the agent is judged bad. Not being able to tell is not bad.
    wrong: Option<&'static str>,
}

async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    seen: &Seen,
    judged: bool,
) -> Result<(), Error> {
    cp.transact("runtimes::note", ctx, |tx: Tx| async move {
        let tx = &tx;
        let endpoint = seen.endpoint.as_deref();
        store::deployments::set_health(tx, row.id, seen.health, endpoint, ctx.now()).await?;
        if judged {
            rollbacks::note_look(tx, ctx, row, seen.wrong).await?;
        }
        // A bad look wakes the worker that judges.
        if seen.health != row.health || (judged && seen.wrong.is_some()) {
            tx.touch(Topic::new("deployment", row.number.to_string()));
        }
        Ok(())
    })
    .await
}

/// How an agent is now. One that runs is left alone, whoever started it; one that is lost is started again, which counts
/// as bad until it was seen healthy: an agent that stops again and again is no good.
async fn look(cp: &ControlPlane, row: &deployment::Model) -> Seen {
    let name = names::runtime(row.number);
    let seen = |health, endpoint, wrong| Seen {
        health,
        endpoint,
        wrong,
    };
    match cp.ports().runtime.health(&name).await {
        Ok(RuntimeHealth::Stopped) => match cp.ports().runtime.revive(&name).await {
            Ok(started) => seen(
                RuntimeHealth::Starting,
                Some(started.endpoint),
                Some(STOPPED),
            ),
            Err(error) => {
                tracing::warn!(deployment = row.number, error = %error, "an agent could not be started again");
                seen(RuntimeHealth::Stopped, None, Some(STOPPED))
            }
        },
        Ok(RuntimeHealth::Unhealthy) => seen(RuntimeHealth::Unhealthy, None, Some(UNHEALTHY)),
        Ok(health) => seen(health, None, None),
        Err(error) if error.kind == PortErrorKind::NotFound => {
            seen(RuntimeHealth::Stopped, None, Some(GONE))
        }
        Err(_) => seen(RuntimeHealth::Unknown, None, None),
    }
}
