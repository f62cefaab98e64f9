//! Versions, config bundles and evidence.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["config_bundles", "evidence", "versions"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("config_bundles"),
                [text_key("digest"), text("body"), time("created_at")],
            ),
            with(
                create("evidence"),
                [
                    text_key("digest"),
                    text("media_type"),
                    text("body"),
                    text("signature"),
                    time("created_at"),
                ],
            ),
            with(
                create("versions"),
                [
                    id(),
                    uuid("agent_id"),
                    text("number"),
                    text("commit_id"),
                    text("subject"),
                    text("author_name"),
                    text("author_email"),
                    text("committer_name"),
                    text("committer_email"),
                    text("config_digest"),
                    text("manifest_text"),
                    text("manifest_digest"),
                    text("scopes"),
                    text_null("image_digest"),
                    text_null("sbom_digest"),
                    text_null("packages"),
                    time_null("held_at"),
                    text_null("hold_reason"),
                    time("created_at"),
                    big("revision"),
                ],
            )
            .foreign_key(&mut reference("versions", "agent_id", "agents"))
            .to_owned(),
        ];
        let indexes = vec![
            unique("versions", &["agent_id", "number"]),
            unique(
                "versions",
                &["agent_id", "commit_id", "manifest_digest", "config_digest"],
            ),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
