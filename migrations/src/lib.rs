//! The schema, for SQLite and PostgreSQL: the truth that `control-plane`'s entities mirror.
//!
//! Expand, then contract: a migration never breaks the binary before it. `down` works.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20260101_000001_create_people;
mod m20260101_000002_create_intake;
mod m20260101_000003_create_versions;
mod m20260101_000004_create_deployments;
mod m20260101_000005_create_approvals;
mod m20260101_000006_create_ledger;
mod m20260101_000007_create_audit;
mod m20260101_000008_create_sign_in_failures;
mod m20260102_000001_create_delivery_agents;
mod m20260102_000002_create_policies;
mod m20260103_000001_create_groups;
mod m20260103_000002_extend_approvals;
mod m20260103_000003_create_waivers;
mod m20260103_000004_create_compliance;
mod m20260103_000005_create_findings;
mod m20260103_000006_create_incidents;
mod m20260103_000007_create_live_watches;
mod m20260103_000008_create_notifications;
mod m20260103_000009_create_issues;
mod m20260103_000010_create_elevations;
mod m20260103_000011_create_break_glasses;
mod m20260104_000004_create_statements;
mod m20260105_000001_create_answers;
mod m20260105_000002_create_engines;
mod m20260105_000003_create_online;
mod m20260107_000001_create_providers;
mod m20260107_000002_extend_sessions;
mod m20260107_000003_extend_tokens;
mod m20260108_000001_create_evidence_removals;
mod m20260108_000003_create_signing_keys;
mod m20260109_000001_create_access_events;
mod m20260109_000002_create_catalogue;
mod m20260110_000001_create_suspensions;
mod m20260110_000002_create_agent_owners;
mod m20260110_000003_create_key_rotations;
mod m20260111_000001_create_passkeys;
mod m20260111_000001_create_service_accounts;
mod m20260115_000001_create_identity_bindings;
mod m20260116_000001_create_history;
mod m20260117_000001_create_legal_holds;
mod m20260120_000001_create_directories;
mod m20260130_000001_create_witnesses;
mod m20260201_000001_index_trail;
mod m20260202_000001_reviews;
mod m20260301_000001_packages;
mod m20260303_000001_index_performance;
mod m20260401_000001_create_registry;
mod m20260402_000001_detections;
mod m20260403_000001_labels;
mod m20260404_000001_seal_reviews;
mod m20260404_000002_meanings;
mod seal;
mod table;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_create_people::Migration),
            Box::new(m20260101_000002_create_intake::Migration),
            Box::new(m20260101_000003_create_versions::Migration),
            Box::new(m20260101_000004_create_deployments::Migration),
            Box::new(m20260101_000005_create_approvals::Migration),
            Box::new(m20260101_000006_create_ledger::Migration),
            Box::new(m20260101_000007_create_audit::Migration),
            Box::new(m20260101_000008_create_sign_in_failures::Migration),
            Box::new(m20260102_000001_create_delivery_agents::Migration),
            Box::new(m20260102_000002_create_policies::Migration),
            Box::new(m20260103_000003_create_waivers::Migration),
            Box::new(m20260103_000004_create_compliance::Migration),
            Box::new(m20260103_000001_create_groups::Migration),
            Box::new(m20260103_000002_extend_approvals::Migration),
            Box::new(m20260103_000005_create_findings::Migration),
            Box::new(m20260103_000008_create_notifications::Migration),
            Box::new(m20260103_000009_create_issues::Migration),
            Box::new(m20260103_000006_create_incidents::Migration),
            Box::new(m20260103_000007_create_live_watches::Migration),
            Box::new(m20260103_000010_create_elevations::Migration),
            Box::new(m20260103_000011_create_break_glasses::Migration),
            Box::new(m20260104_000004_create_statements::Migration),
            Box::new(m20260105_000001_create_answers::Migration),
            Box::new(m20260105_000002_create_engines::Migration),
            Box::new(m20260105_000003_create_online::Migration),
            Box::new(m20260107_000001_create_providers::Migration),
            Box::new(m20260107_000002_extend_sessions::Migration),
            Box::new(m20260107_000003_extend_tokens::Migration),
            Box::new(m20260108_000001_create_evidence_removals::Migration),
            Box::new(m20260108_000003_create_signing_keys::Migration),
            Box::new(m20260109_000001_create_access_events::Migration),
            Box::new(m20260109_000002_create_catalogue::Migration),
            Box::new(m20260110_000001_create_suspensions::Migration),
            Box::new(m20260110_000002_create_agent_owners::Migration),
            Box::new(m20260110_000003_create_key_rotations::Migration),
            Box::new(m20260111_000001_create_passkeys::Migration),
            Box::new(m20260111_000001_create_service_accounts::Migration),
            Box::new(m20260115_000001_create_identity_bindings::Migration),
            Box::new(m20260116_000001_create_history::Migration),
            Box::new(m20260117_000001_create_legal_holds::Migration),
            Box::new(m20260120_000001_create_directories::Migration),
            Box::new(m20260130_000001_create_witnesses::Migration),
            Box::new(m20260201_000001_index_trail::Migration),
            Box::new(m20260202_000001_reviews::Migration),
            Box::new(m20260301_000001_packages::Migration),
            Box::new(m20260303_000001_index_performance::Migration),
            Box::new(m20260401_000001_create_registry::Migration),
            Box::new(m20260402_000001_detections::Migration),
            Box::new(m20260403_000001_labels::Migration),
            Box::new(m20260404_000001_seal_reviews::Migration),
            Box::new(m20260404_000002_meanings::Migration),
        ]
    }
}
