//! Waivers, what leans on them, and what conditions said of a deployment's manifest.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["waivers", "waiver_leans", "condition_results"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let waivers = with(
            create("waivers"),
            [
                id(),
                big("number"),
                uuid("agent_id"),
                text("environment"),
                text("gate"),
                text("finding"),
                text("location"),
                big("deployment"),
                text("reason"),
                time("ends_at"),
                uuid("given_by"),
                text("given_by_name"),
                time("given_at"),
                time_null("revoked_at"),
                text_null("revoked_by_name"),
                text_null("revoke_reason"),
            ],
        )
        .foreign_key(&mut reference("waivers", "agent_id", "agents"))
        .foreign_key(&mut reference("waivers", "given_by", "users"))
        .to_owned();
        let leans = with(
            create("waiver_leans"),
            [id(), uuid("waiver_id"), uuid("deployment_id"), text("gate")],
        )
        .foreign_key(&mut reference("waiver_leans", "waiver_id", "waivers"))
        .foreign_key(&mut reference(
            "waiver_leans",
            "deployment_id",
            "deployments",
        ))
        .to_owned();
        let conditions = with(
            create("condition_results"),
            [
                id(),
                uuid("deployment_id"),
                text("name"),
                text("message"),
                text("verdict"),
                time("judged_at"),
            ],
        )
        .foreign_key(&mut reference(
            "condition_results",
            "deployment_id",
            "deployments",
        ))
        .to_owned();
        let indexes = vec![
            unique("waivers", &["number"]),
            index("waivers", &["agent_id", "environment"]),
            unique("waiver_leans", &["deployment_id", "gate", "waiver_id"]),
            index("waiver_leans", &["waiver_id"]),
            unique("condition_results", &["deployment_id", "name"]),
        ];
        create_all(manager, vec![waivers, leans, conditions], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
