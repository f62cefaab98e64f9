//! What is watched of live deployments: those that are judged bad, whether each could be rolled back, and what is to be put
//! back as it was approved.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["live_failures", "rollback_checks", "reverts"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let failures = with(
            create("live_failures"),
            [
                uuid("deployment_id").primary_key().to_owned(),
                text("cause"),
                text("what"),
                int("looks"),
                time("failing_since"),
                time("last_look"),
                text_null("left_because"),
            ],
        )
        .foreign_key(&mut reference(
            "live_failures",
            "deployment_id",
            "deployments",
        ))
        .to_owned();
        let checks = with(
            create("rollback_checks"),
            [
                uuid("deployment_id").primary_key().to_owned(),
                big_null("target"),
                text("readiness"),
                time("checked_at"),
            ],
        )
        .foreign_key(&mut reference(
            "rollback_checks",
            "deployment_id",
            "deployments",
        ))
        .to_owned();
        let reverts = with(
            create("reverts"),
            [
                uuid("finding_id").primary_key().to_owned(),
                text("asked_by"),
                text("reason"),
                time("asked_at"),
                time_null("done_at"),
                text_null("last_error"),
                int("attempts"),
                time("next_attempt_at"),
            ],
        )
        .foreign_key(&mut reference("reverts", "finding_id", "findings"))
        .to_owned();
        create_all(manager, vec![failures, checks, reverts], Vec::new()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
