//! Connections, deliveries, agents and pushes.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["connections", "deliveries", "agents", "pushes"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("connections"),
                [
                    id(),
                    text("slug"),
                    text("name"),
                    text("kind"),
                    text("secret_reference"),
                    time("created_at"),
                ],
            ),
            with(
                create("deliveries"),
                [
                    id(),
                    uuid("connection_id"),
                    text("delivery_key"),
                    text("event"),
                    text("body_sha256"),
                    bytes("body"),
                    text("state"),
                    text_null("note"),
                    time("received_at"),
                    time_null("settled_at"),
                ],
            )
            .foreign_key(&mut reference("deliveries", "connection_id", "connections"))
            .to_owned(),
            with(
                create("agents"),
                [
                    id(),
                    text("slug"),
                    uuid("team_id"),
                    uuid("connection_id"),
                    text("repository"),
                    text("repository_key"),
                    text("branch"),
                    text("path"),
                    text("description"),
                    text_null("framework"),
                    text_null("risk"),
                    text_null("head_commit"),
                    text("created_by"),
                    time("created_at"),
                    time_null("decommissioned_at"),
                    big("revision"),
                ],
            )
            .foreign_key(&mut reference("agents", "team_id", "teams"))
            .foreign_key(&mut reference("agents", "connection_id", "connections"))
            .to_owned(),
            with(
                create("pushes"),
                [
                    id(),
                    uuid("agent_id"),
                    text("commit_id"),
                    text_null("before_commit"),
                    text("found_by"),
                    text("pushed_by"),
                    text("state"),
                    text_null("note"),
                    text("problems"),
                    time("found_at"),
                    time_null("settled_at"),
                ],
            )
            .foreign_key(&mut reference("pushes", "agent_id", "agents"))
            .to_owned(),
        ]
        .into_iter()
        .enumerate()
        // Deliveries and pushes are work: workers claim them.
        .map(|(at, table)| {
            if matches!(at, 1 | 3) {
                with(table, claim())
            } else {
                table
            }
        })
        .collect();
        let indexes = vec![
            unique("connections", &["slug"]),
            unique("deliveries", &["connection_id", "delivery_key"]),
            index("deliveries", &["state", "next_attempt_at"]),
            unique("agents", &["slug"]),
            index("agents", &["connection_id", "repository_key"]),
            index("pushes", &["agent_id", "id"]),
            index("pushes", &["state", "next_attempt_at"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
