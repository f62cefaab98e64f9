//! Asks each source for its branch head: finds what a missed delivery would have lost.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::sources::{self, FoundBy};
use crate::store;
use crate::store::entity::agent;
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct PollSources;

#[async_trait]
impl Worker for PollSources {
    fn name(&self) -> &'static str {
        "poll_sources"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        if !due(cp, &ctx) {
            return Ok(Status::Idle);
        }
        let mut after = String::new();
        loop {
            let agents = store::agents::watched(cp.reader(), &after, 100).await?;
            let Some(last) = agents.last() else {
                return Ok(Status::Idle);
            };
            after.clone_from(&last.slug);
            for agent in &agents {
                poll(cp, &ctx, agent).await?;
            }
        }
    }
}

/// Is a sweep due, by the configured period?
fn due(cp: &ControlPlane, ctx: &OpCtx) -> bool {
    let period = chrono::Duration::seconds(
        i64::try_from(cp.settings().poll_seconds).unwrap_or(i64::MAX / 2_000),
    );
    let Ok(mut last) = cp.last_poll().lock() else {
        return false;
    };
    let now = ctx.now();
    if last.is_some_and(|at| now - at < period) {
        return false;
    }
    *last = Some(now);
    true
}

async fn poll(cp: &ControlPlane, ctx: &OpCtx, agent: &agent::Model) -> Result<(), Error> {
    let repository = sources::repository(cp, agent).await?;
    match cp.ports().git_host.head(&repository, &agent.branch).await {
        Ok(Some(head)) if agent.head_commit.as_deref() != Some(head.as_str()) => {
            cp.transact("sources::poll", ctx, |tx: Tx| {
                let head = &head;
                async move {
                    let tx = &tx;
                    let current = store::agents::get(&**tx, agent.id).await?;
                    sources::note_push(tx, ctx, &current, head, "", FoundBy::Poll)
                        .await
                        .map(|_| ())
                }
            })
            .await
        }
        Ok(_) => Ok(()),
        Err(error) => {
            // The next sweep is the retry; the agent's page shows when a source was last reached.
            tracing::warn!(agent = %agent.slug, error = %error, "a source could not be polled");
            metrics::counter!("clearance_poll_errors_total").increment(1);
            Ok(())
        }
    }
}
