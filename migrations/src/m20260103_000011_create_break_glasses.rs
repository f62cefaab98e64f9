//! Deployments that one person let go on without the approval, and their post-reviews.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["break_glasses"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("break_glasses"),
            [
                id(),
                big("number"),
                uuid("deployment_id"),
                big("deployment_number"),
                uuid("agent_id"),
                uuid("team_id"),
                text("manifest_digest"),
                text("parties"),
                text("reason"),
                text("incident"),
                text("state"),
                uuid("broken_by"),
                text("broken_by_name"),
                time("broken_at"),
                time("permitted_until"),
                time_null("used_at"),
                time("due_at"),
                uuid_null("reviewed_by"),
                text_null("reviewed_by_name"),
                text_null("review_reason"),
                time_null("reviewed_at"),
                big("revision"),
            ],
        )
        .foreign_key(&mut reference(
            "break_glasses",
            "deployment_id",
            "deployments",
        ))
        .foreign_key(&mut reference("break_glasses", "agent_id", "agents"))
        .foreign_key(&mut reference("break_glasses", "team_id", "teams"))
        .foreign_key(&mut reference("break_glasses", "broken_by", "users"))
        .foreign_key(&mut reference("break_glasses", "reviewed_by", "users"))
        .to_owned();
        let indexes = vec![
            unique("break_glasses", &["number"]),
            unique("break_glasses", &["deployment_id"]),
            index("break_glasses", &["state", "due_at"]),
            index("break_glasses", &["team_id", "state"]),
        ];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
