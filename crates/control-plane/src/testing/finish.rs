//! The end of every test: no work left, ledger and outside agree, and the audit log verifies for somebody who has only
//! the export and the public key.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::{VerifyReport, verify_export, write_export};
use domain::ledger::{Origin, ResourceKind, ResourceState};
use sea_orm::EntityTrait;

use super::TestPlane;
use crate::audit;
use crate::error::Error;
use crate::store::entity::{agent, registry_cell, resource, transition};
use crate::{registry, store};

impl TestPlane {
    /// Ends a test: checks what is always true, then takes the database away.
    pub async fn finish(self) {
        self.check_no_work().await;
        self.check_ledger().await;
        self.check_arrows().await;
        self.check_registry().await;
        let verified = self.verify_log().await;
        verified.unwrap_or_else(|why| panic!("the audit log does not verify: {why}"));
        self.remove().await;
    }

    /// Takes the database away without looking: for tests that tampered with it.
    pub async fn remove(self) {
        self.database.remove().await;
    }

    /// Exports the audit log and verifies the export offline.
    ///
    /// # Errors
    /// What the verifier says of it, or why it could not be exported.
    pub async fn verify_log(&self) -> Result<VerifyReport, String> {
        let folder = self.folder().join(format!("export-{}", self.next()));
        let ctx = self.system();
        let text = |error: Error| error.chain();
        let head = audit::begin_export(&self.cp, &ctx).await.map_err(text)?;
        let mut items = Vec::new();
        while let Ok(from) = u64::try_from(items.len())
            && from < head.size
        {
            let limit = (head.size - from).min(500);
            let page = audit::export_items(&self.cp, &ctx, from, limit).await;
            let page = page.map_err(text)?;
            if page.is_empty() {
                return Err(format!("the log ends at {from} of {}", head.size));
            }
            items.extend(page);
        }
        let items = items.into_iter().map(Ok::<_, std::io::Error>);
        let written = write_export(&folder, &head.checkpoint_note, &head.key, items);
        written.map_err(|e| e.to_string())?;
        verify_export(&folder, Some(&self.key)).map_err(|e| e.to_string())
    }

    async fn check_no_work(&self) {
        let deliveries = self.work_deliveries().await;
        assert!(deliveries.is_empty(), "deliveries left: {deliveries:?}");
        let pushes = self.work_pushes().await;
        assert!(pushes.is_empty(), "pushes left: {pushes:?}");
        let deployments = self.work_deployments().await;
        assert!(deployments.is_empty(), "deployments left: {deployments:?}");
        let outgoing = self.work_outbox().await;
        assert!(outgoing.is_empty(), "outgoing work left: {outgoing:?}");
        let messages = self.work_messages().await;
        assert!(messages.is_empty(), "messages left: {messages:?}");
        let resources = self.work_resources().await;
        assert!(resources.is_empty(), "resources left: {resources:?}");
    }

    /// Everything outside that Clearance made is in the ledger as being there, and the other way round.
    pub async fn check_ledger(&self) {
        let rows = resource::Entity::find().all(self.cp.reader()).await;
        let rows = rows.expect("the ledger");
        let outside = [
            (ResourceKind::Identity, self.fakes.identities.names()),
            (ResourceKind::Runtime, self.fakes.runtime.names()),
            (ResourceKind::Image, self.fakes.images.names()),
        ];
        for (kind, names) in outside {
            let there: BTreeSet<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.starts_with("foreign"))
                .collect();
            let known: BTreeSet<&str> = rows
                .iter()
                .filter(|r| r.kind == kind && r.origin == Origin::Created)
                .filter(|r| matches!(r.state, ResourceState::Created | ResourceState::Retained))
                .map(|r| r.name.as_str())
                .collect();
            assert_eq!(there, known, "{kind}: outside, and by the ledger");
        }
    }

    /// Every arrow is in the audit log, and the log has no arrow more.
    async fn check_arrows(&self) {
        let arrows = transition::Entity::find().all(self.cp.reader()).await;
        let arrows = arrows.expect("arrows").len();
        let told = self.count_events("deployment_moved").await;
        assert_eq!(arrows, told, "arrows, and arrows in the audit log");
    }

    /// Every agent has one entry in the registry's index, in the cell of what runs of it now, and every cell counts its entries.
    pub async fn check_registry(&self) {
        let db = self.cp.reader();
        let cells = store::registry::cells(db).await.expect("cells");
        let mut counted: BTreeMap<i64, i64> = BTreeMap::new();
        for agent in agent::Entity::find().all(db).await.expect("agents") {
            let entry = store::registry::of(db, agent.id).await.expect("an entry");
            let entry = entry.unwrap_or_else(|| panic!("{} has no entry", agent.slug));
            *counted.entry(entry.cell_id).or_default() += 1;
            let standings = registry::standings(db, &agent).await.expect("facts");
            let cell = cells.iter().find(|cell| cell.id == entry.cell_id);
            let cell = cell.expect("its cell");
            let labels = store::agent_labels::of(db, agent.id).await.expect("labels");
            assert_eq!(
                (cell.team, cell.standings, cell.framework, &cell.labels),
                (agent.team_id, standings, agent.framework, &labels),
                "{}: as it is counted, and as it is",
                agent.slug
            );
        }
        let kept = registry_cell::Entity::find().all(db).await;
        for cell in kept.expect("cells") {
            let there = counted.get(&cell.id).copied().unwrap_or(0);
            assert_eq!(cell.agents, there, "agents of the cell {}", cell.id);
        }
    }
}
