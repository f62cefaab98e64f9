//! Roles held for a time, and an index that finds what a person did lately.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["elevations"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("elevations"),
            [
                id(),
                big("number"),
                uuid("user_id"),
                text("user_name"),
                text("role"),
                uuid("team_id"),
                int("hours"),
                text("reason"),
                text("state"),
                time("requested_at"),
                time("until"),
                uuid_null("decided_by"),
                text_null("decided_by_name"),
                text_null("decision_reason"),
                time_null("decided_at"),
                text_null("ended_by_name"),
                time_null("ended_at"),
                big("revision"),
            ],
        )
        .foreign_key(&mut reference("elevations", "user_id", "users"))
        .foreign_key(&mut reference("elevations", "team_id", "teams"))
        .foreign_key(&mut reference("elevations", "decided_by", "users"))
        .to_owned();
        let indexes = vec![
            unique("elevations", &["number"]),
            index("elevations", &["user_id", "state"]),
            index("elevations", &["state", "until"]),
            index("audit_leaves", &["time"]),
        ];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let used = Index::drop()
            .name("ix_audit_leaves_time")
            .table(Alias::new("audit_leaves"))
            .to_owned();
        manager.drop_index(used).await?;
        drop_all(manager, TABLES).await
    }
}
