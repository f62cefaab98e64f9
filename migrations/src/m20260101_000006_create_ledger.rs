//! Identities, the resource ledger and outgoing work.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["identities", "assertions", "resources", "outbox"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("identities"),
                [
                    id(),
                    uuid("deployment_id"),
                    uuid("agent_id"),
                    text("client_id"),
                    text("public_jwk"),
                    text("scopes"),
                    text("state"),
                    time("created_at"),
                    time_null("revoked_at"),
                ],
            )
            .foreign_key(&mut reference("identities", "deployment_id", "deployments"))
            .to_owned(),
            with(create("assertions"), [text_key("id"), big("expires_at")]),
            with(
                create("resources"),
                [
                    id(),
                    uuid("deployment_id"),
                    big("sequence"),
                    text("kind"),
                    text("name"),
                    text("state"),
                    text("origin"),
                    int("attempts"),
                    text_null("last_error"),
                    time("next_attempt_at"),
                    time("written_at"),
                    time_null("settled_at"),
                ],
            )
            .foreign_key(&mut reference("resources", "deployment_id", "deployments"))
            .to_owned(),
            with(
                create("outbox"),
                [
                    id(),
                    uuid("deployment_id"),
                    text("kind"),
                    text("dedupe"),
                    text("payload"),
                    text("state"),
                    text_null("last_error"),
                    time("created_at"),
                    time_null("done_at"),
                ],
            ),
        ]
        .into_iter()
        .enumerate()
        .map(|(at, table)| if at == 3 { with(table, claim()) } else { table })
        .collect();
        let indexes = vec![
            unique("identities", &["deployment_id"]),
            unique("identities", &["client_id"]),
            index("assertions", &["expires_at"]),
            unique("resources", &["deployment_id", "kind", "name"]),
            index("resources", &["state", "next_attempt_at"]),
            index("resources", &["kind", "name"]),
            unique("outbox", &["dedupe"]),
            index("outbox", &["state", "next_attempt_at"]),
            index("outbox", &["deployment_id"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
