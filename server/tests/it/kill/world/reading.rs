//! What became of it all, read from the folder by the use cases and from the providers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use control_plane::{agents, connections, deployments};
use domain::delivery::{DeliveryState, PushState};
use domain::deployment::DeploymentState;
use domain::form::query::DeploymentQuery;
use domain::ledger::ResourceKind;
use domain::view::deployment::{DeploymentDetail, DeploymentRow};

use super::World;
use super::agent::Agent;

/// What there is, by kind.
#[derive(Debug, Default)]
pub(in crate::kill) struct Names {
    pub(in crate::kill) runtimes: BTreeSet<String>,
    pub(in crate::kill) identities: BTreeSet<String>,
    pub(in crate::kill) images: BTreeSet<String>,
}

impl Names {
    /// A thing that a ledger says is there. Runtimes and identities belong to live deployments only.
    pub(in crate::kill) fn add(&mut self, kind: ResourceKind, name: String, live: bool) {
        match kind {
            ResourceKind::Image => self.images.insert(name),
            ResourceKind::Runtime => {
                assert!(live, "{name} is there, and its deployment is not live");
                self.runtimes.insert(name)
            }
            ResourceKind::Identity => {
                assert!(live, "{name} is there, and its deployment is not live");
                self.identities.insert(name)
            }
        };
    }
}

impl World {
    pub(super) async fn of(&self, agent: usize) -> Vec<DeploymentRow> {
        let name = &self.repositories[agent].agent;
        self.deployments()
            .await
            .into_iter()
            .filter(|row| row.agent == *name)
            .collect()
    }

    /// Every deployment, newest first.
    pub(in crate::kill) async fn deployments(&self) -> Vec<DeploymentRow> {
        let (mut all, mut query) = (
            Vec::new(),
            DeploymentQuery {
                limit: Some(200),
                ..DeploymentQuery::default()
            },
        );
        loop {
            let page = deployments::list(&self.cp, &self.admin, &query)
                .await
                .unwrap();
            all.extend(page.rows);
            match page.next {
                Some(next) => query.cursor = next,
                None => return all,
            }
        }
    }

    pub(in crate::kill) async fn deployment(&self, number: i64) -> DeploymentDetail {
        deployments::get(&self.cp, &self.admin, number, None, None)
            .await
            .unwrap()
    }

    /// Is a delivery or a push still to be read?
    pub(in crate::kill) async fn anything_to_ingest(&self) -> bool {
        let deliveries = connections::deliveries(&self.cp, &self.admin, "")
            .await
            .unwrap();
        let waits = |state| matches!(state, DeliveryState::Received | DeliveryState::Processing);
        if deliveries.rows.iter().any(|row| waits(row.state)) {
            return true;
        }
        for repository in &self.repositories {
            let agent = agents::get(&self.cp, &self.admin, &repository.agent)
                .await
                .unwrap();
            if agent
                .pushes
                .iter()
                .any(|push| push.state == PushState::Received)
            {
                return true;
            }
        }
        false
    }

    /// The agents of live deployments, by the name of their runtime. Every one must be there.
    pub(in crate::kill) async fn live_agents(&self) -> BTreeMap<String, Agent> {
        let live = self
            .deployments()
            .await
            .into_iter()
            .filter(|row| row.state == DeploymentState::Live);
        live.map(|row| {
            let name = format!("clearance-{}", row.number);
            let agent = Agent::of(&self.data().join("runtimes").join(&name))
                .unwrap_or_else(|| panic!("{name} is live and has no process"));
            (name, agent)
        })
        .collect()
    }

    /// What the providers list.
    pub(in crate::kill) async fn listed(&self) -> Names {
        let ports = self.cp.ports();
        Names {
            runtimes: ports.runtime.list().await.unwrap().into_iter().collect(),
            identities: ports
                .identity_provider
                .list()
                .await
                .unwrap()
                .into_iter()
                .collect(),
            images: ports
                .image_builder
                .list()
                .await
                .unwrap()
                .into_iter()
                .collect(),
        }
    }

    /// Folders of runtimes on the disk; what begins with a dot is the runtime crate's own.
    pub(in crate::kill) fn runtime_folders(&self) -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(self.data().join("runtimes")) else {
            return BTreeSet::new();
        };
        let names = entries
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect()
    }
}
