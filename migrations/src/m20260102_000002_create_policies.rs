//! Versions of the policy. The one that Clearance comes with is written when another takes its place.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["policies"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("policies"),
            [
                int("version").primary_key().to_owned(),
                text("name"),
                text("text"),
                text("digest"),
                text("state"),
                uuid_null("proposed_by"),
                text("proposed_by_name"),
                text("reason"),
                time_null("proposed_at"),
                uuid_null("decided_by"),
                text_null("decided_by_name"),
                text_null("decision_reason"),
                time_null("decided_at"),
            ],
        )
        .foreign_key(&mut reference("policies", "proposed_by", "users"))
        .foreign_key(&mut reference("policies", "decided_by", "users"))
        .to_owned();
        create_all(manager, vec![table], vec![index("policies", &["state"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
