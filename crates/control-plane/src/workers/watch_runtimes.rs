//! Watches live agents: finds them again after a start, starts those whose process was lost, notes their health.

use std::time::Duration;

use async_trait::async_trait;
use domain::deployment::DeploymentState;
use domain::runtime::RuntimeHealth;

use super::names;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::ports::PortErrorKind;
use crate::store;
use crate::store::entity::deployment;
use crate::topic::Topic;
use crate::transact::Tx;

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
        let live = store::live::all(cp.reader()).await?;
        let rows =
            store::deployments::many(cp.reader(), live.iter().map(|l| l.deployment_id).collect())
                .await?;
        for row in rows.iter().filter(|r| r.state == DeploymentState::Live) {
            let (health, endpoint) = look(cp, row).await;
            if health == row.health && (endpoint.is_none() || endpoint == row.endpoint) {
                continue;
            }
            cp.transact("runtimes::note", &ctx, |tx: Tx| {
                let endpoint = &endpoint;
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::deployments::set_health(
                        tx,
                        row.id,
                        health,
                        endpoint.as_deref(),
                        ctx.now(),
                    )
                    .await?;
                    tx.touch(Topic::new("deployment", row.number.to_string()));
                    Ok(())
                }
            })
            .await?;
        }
        Ok(Status::Idle)
    }
}

/// How an agent is now. One that runs is left alone, whoever started it; one that is lost is started again.
async fn look(cp: &ControlPlane, row: &deployment::Model) -> (RuntimeHealth, Option<String>) {
    let name = names::runtime(row.number);
    match cp.ports().runtime.health(&name).await {
        Ok(RuntimeHealth::Stopped) => match cp.ports().runtime.revive(&name).await {
            Ok(started) => (RuntimeHealth::Starting, Some(started.endpoint)),
            Err(error) => {
                tracing::warn!(deployment = row.number, error = %error, "an agent could not be started again");
                (RuntimeHealth::Stopped, None)
            }
        },
        Ok(health) => (health, None),
        Err(error) if error.kind == PortErrorKind::NotFound => (RuntimeHealth::Stopped, None),
        Err(_) => (RuntimeHealth::Unhealthy, None),
    }
}
