//! Findings: what is not as it should be. `open_key` is what a finding is about while it is not resolved, and empty after, so
//! that there is one at a time.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["findings"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("findings"),
            [
                id(),
                big("number"),
                text("kind"),
                text("state"),
                text_null("open_key"),
                text("subject_kind"),
                text("subject"),
                uuid_null("agent_id"),
                big_null("deployment"),
                uuid_null("team_id"),
                uuid_null("owner_id"),
                text("what"),
                text_null("expected"),
                text_null("found"),
                int("sightings"),
                time("first_seen"),
                time("last_seen"),
                time_null("ignored_until"),
                text_null("ignored_by"),
                text_null("reason"),
                time_null("resolved_at"),
            ],
        )
        .foreign_key(&mut reference("findings", "agent_id", "agents"))
        .foreign_key(&mut reference("findings", "team_id", "teams"))
        .foreign_key(&mut reference("findings", "owner_id", "users"))
        .to_owned();
        let indexes = vec![
            unique("findings", &["number"]),
            unique("findings", &["open_key"]),
            index("findings", &["state", "number"]),
            index("findings", &["agent_id"]),
        ];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
