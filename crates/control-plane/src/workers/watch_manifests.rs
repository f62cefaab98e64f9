//! Looks whether what people are asked about is still what would go live. Where it is not, they are asked again.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::approvals::stale;
use crate::deployments::{self, manifest};
use crate::error::Error;
use crate::store;
use crate::store::approvals::Filter;

/// Most open approvals that are looked at in one go, soonest to expire first.
const OPEN_MAX: u64 = 500;

/// The worker.
#[derive(Debug)]
pub(crate) struct WatchManifests;

#[async_trait]
impl Worker for WatchManifests {
    fn name(&self) -> &'static str {
        "watch_manifests"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Nothing of ours changes a manifest that is asked about; a decision looks for itself.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let db = cp.reader();
        let open = store::approvals::open_page(db, &Filter::default(), OPEN_MAX).await?;
        if open.is_empty() {
            return Ok(Status::Idle);
        }
        let rows = open.iter().map(|a| a.deployment_id).collect::<Vec<_>>();
        let runs = store::policies::gate_runs(db, rows.clone()).await?;
        let rows = store::deployments::many(db, rows).await?;
        let agents = store::agents::many(db, open.iter().map(|a| a.agent_id).collect()).await?;
        let versions = rows.iter().map(|d| d.version_id).collect();
        let versions = store::versions::many(db, versions).await?;
        let mut found = Status::Idle;
        for asked in &open {
            let row = rows.iter().find(|d| d.id == asked.deployment_id);
            let agent = agents.iter().find(|a| a.id == asked.agent_id);
            let version = row.and_then(|d| versions.iter().find(|v| v.id == d.version_id));
            let (Some(row), Some(agent), Some(version)) = (row, agent, version) else {
                continue;
            };
            let of = runs.iter().filter(|r| r.deployment_id == row.id).cloned();
            let now = manifest::of(agent, version, row, &of.collect::<Vec<_>>())?;
            if stale::differences(asked, &now)?.is_some() {
                stale::ask_again(cp, &ctx, asked).await?;
                found = Status::Worked;
            }
        }
        Ok(found)
    }
}
