//! Compares the ledger with the providers: what is there and should not be (orphans), and what should be there and is not
//! (ghosts). It reports and removes nothing: clean-up removes what the ledger says is Clearance's to remove.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::finding::{FindingKind, SubjectKind};
use domain::ledger::{Origin, ResourceKind, ResourceState};

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::ports::PortError;
use crate::store;
use crate::store::entity::{agent, deployment, resource};
use crate::transact::Tx;

/// How often both are compared.
const EVERY: TimeDelta = TimeDelta::minutes(2);
const BOTH: [FindingKind; 2] = [FindingKind::Orphan, FindingKind::Ghost];

/// The worker.
#[derive(Debug)]
pub(crate) struct FindLeftovers;

#[async_trait]
impl Worker for FindLeftovers {
    fn name(&self) -> &'static str {
        "find_leftovers"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(120)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        if !cp.due(self.name(), EVERY) {
            return Ok(Status::Idle);
        }
        // The providers first: what is created meanwhile is in the ledger by the time that is read.
        let Some(there) = Providers::list(cp).await else {
            return Ok(Status::Idle);
        };
        let ledger = store::resources::current(cp.reader()).await?;
        let mut seen = Vec::new();
        for kind in ResourceKind::ALL {
            seen.extend(orphans(cp, *kind, &there, &ledger).await?);
        }
        seen.extend(ghosts(cp, &there, &ledger).await?);
        cp.transact("leftovers::note", &ctx, |tx: Tx| {
            let (seen, ctx) = (&seen, &ctx);
            async move { findings::reconcile(&tx, ctx, &BOTH, seen).await }
        })
        .await?;
        Ok(Status::Idle)
    }
}

/// Everything that the providers list.
struct Providers {
    images: BTreeSet<String>,
    identities: BTreeSet<String>,
    runtimes: BTreeSet<String>,
}

impl Providers {
    /// `None` when one of them does not answer: then nothing can be said.
    async fn list(cp: &ControlPlane) -> Option<Self> {
        let ports = cp.ports();
        let set = |names: Result<Vec<String>, PortError>| {
            names
                .map(|names| names.into_iter().collect::<BTreeSet<_>>())
                .ok()
        };
        Some(Self {
            images: set(ports.image_builder.list().await)?,
            identities: set(ports.identity_provider.list().await)?,
            runtimes: set(ports.runtime.list().await)?,
        })
    }

    const fn of(&self, kind: ResourceKind) -> &BTreeSet<String> {
        match kind {
            ResourceKind::Image => &self.images,
            ResourceKind::Identity => &self.identities,
            ResourceKind::Runtime => &self.runtimes,
        }
    }
}

const fn subject(kind: ResourceKind) -> SubjectKind {
    match kind {
        ResourceKind::Image => SubjectKind::Image,
        ResourceKind::Identity => SubjectKind::Identity,
        ResourceKind::Runtime => SubjectKind::Runtime,
    }
}

/// True where the ledger says that the object is, or may be, there.
fn may_be_there(row: &resource::Model) -> bool {
    row.origin != Origin::Created || row.state != ResourceState::Deleted
}

async fn orphans(
    cp: &ControlPlane,
    kind: ResourceKind,
    there: &Providers,
    ledger: &[resource::Model],
) -> Result<Vec<Found>, Error> {
    let mut seen = Vec::new();
    for name in there.of(kind) {
        let mut ours = ledger.iter().filter(|r| r.kind == kind && r.name == *name);
        if ours.any(may_be_there) {
            continue;
        }
        // Only names that matter are asked for one by one.
        let all = store::resources::by_name(cp.reader(), kind, name).await?;
        if all.iter().any(may_be_there) {
            continue;
        }
        let found = match all.first() {
            Some(row) => {
                let what = format!(
                    "The {} {name} is still there, and the ledger says that it was deleted.",
                    kind.label().to_lowercase()
                );
                let found = Found::new(FindingKind::Orphan, subject(kind), name, what);
                owned(cp, found, row).await?
            }
            // A runtime that is in no ledger is told as unregistered.
            None if kind == ResourceKind::Runtime => continue,
            None => {
                let what = format!(
                    "The {} {name} is there, and no deployment of Clearance made it.",
                    kind.label().to_lowercase()
                );
                Found::new(FindingKind::Orphan, subject(kind), name, what)
            }
        };
        seen.push(found);
    }
    Ok(seen)
}

async fn ghosts(
    cp: &ControlPlane,
    there: &Providers,
    ledger: &[resource::Model],
) -> Result<Vec<Found>, Error> {
    let mut seen = Vec::new();
    let mut named = BTreeSet::new();
    for row in ledger {
        let expected = matches!(row.state, ResourceState::Created | ResourceState::Retained)
            && row.origin == Origin::Created;
        if !expected || there.of(row.kind).contains(&row.name) || !named.insert(row.name.clone()) {
            continue;
        }
        let what = format!(
            "The {} {} is gone, and the ledger says that it is there.",
            row.kind.label().to_lowercase(),
            row.name
        );
        let found = Found::new(FindingKind::Ghost, subject(row.kind), &row.name, what);
        seen.push(owned(cp, found, row).await?);
    }
    Ok(seen)
}

/// With the agent and the deployment that the ledger's row is of.
async fn owned(cp: &ControlPlane, found: Found, row: &resource::Model) -> Result<Found, Error> {
    let deployment: deployment::Model =
        store::deployments::get(cp.reader(), row.deployment_id).await?;
    let agent: agent::Model = store::agents::get(cp.reader(), deployment.agent_id).await?;
    Ok(found
        .agent(agent.id, agent.team_id)
        .deployment(deployment.number))
}
