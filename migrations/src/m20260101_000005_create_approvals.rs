//! Approvals and decisions.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["approvals", "decisions"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("approvals"),
                [
                    id(),
                    uuid("deployment_id"),
                    uuid("agent_id"),
                    big("number"),
                    int("round"),
                    text("state"),
                    text("manifest_digest"),
                    text("manifest"),
                    text("parties"),
                    text("changes"),
                    text("diff"),
                    int("quorum"),
                    time("opened_at"),
                    time("expires_at"),
                    time_null("settled_at"),
                    big("revision"),
                ],
            )
            .foreign_key(&mut reference("approvals", "deployment_id", "deployments"))
            .to_owned(),
            with(
                create("decisions"),
                [
                    id(),
                    uuid("approval_id"),
                    uuid("user_id"),
                    text("user_name"),
                    text("verdict"),
                    text_null("reason"),
                    text("manifest_digest"),
                    time("decided_at"),
                ],
            )
            .foreign_key(&mut reference("decisions", "approval_id", "approvals"))
            .foreign_key(&mut reference("decisions", "user_id", "users"))
            .to_owned(),
        ];
        let indexes = vec![
            unique("approvals", &["deployment_id", "round"]),
            index("approvals", &["state", "expires_at"]),
            index("approvals", &["number"]),
            unique("decisions", &["approval_id", "user_id"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
