//! Channels, what people chose to hear, notices of events, the messages that carry them, and how far the log was read.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "channels",
    "notification_choices",
    "notices",
    "messages",
    "notification_cursor",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            channels(),
            with(
                create("notification_choices"),
                [
                    uuid("user_id").primary_key().to_owned(),
                    text("subjects"),
                    time("chosen_at"),
                ],
            )
            .foreign_key(&mut reference("notification_choices", "user_id", "users"))
            .to_owned(),
            notices(),
            messages(),
            with(
                create("notification_cursor"),
                [big_key("id"), big("next_event")],
            ),
        ];
        let indexes = vec![
            unique("notices", &["event"]),
            unique("messages", &["dedupe"]),
            index("messages", &["state", "next_attempt_at"]),
            index("messages", &["notice_id"]),
            index("messages", &["channel_id", "id"]),
            index("messages", &["team_id", "id"]),
        ];
        create_all(manager, tables, indexes).await?;
        // What happened before there were notifications is told to nobody.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO notification_cursor (id, next_event) SELECT 1, size FROM audit_tree WHERE id = 1",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

fn channels() -> TableCreateStatement {
    with(
        create("channels"),
        [
            id(),
            text("name"),
            text("kind"),
            uuid_null("team_id"),
            text("subjects"),
            text("address_reference"),
            text_null("key_reference"),
            text("created_by"),
            time("created_at"),
            time_null("removed_at"),
        ],
    )
    .foreign_key(&mut reference("channels", "team_id", "teams"))
    .to_owned()
}

fn notices() -> TableCreateStatement {
    with(
        create("notices"),
        [
            id(),
            // Empty for a test message, which tells of no event.
            big_null("event"),
            text("action"),
            text("subject"),
            text_null("agent"),
            uuid_null("team_id"),
            big_null("deployment"),
            text("title"),
            text("message"),
            time("at"),
        ],
    )
}

fn messages() -> TableCreateStatement {
    let table = with(
        create("messages"),
        [
            id(),
            uuid("notice_id"),
            uuid_null("team_id"),
            text("kind"),
            uuid_null("user_id"),
            uuid_null("channel_id"),
            text("dedupe"),
            text("state"),
            text_null("last_error"),
            time("created_at"),
            time_null("sent_at"),
        ],
    );
    with(table, claim())
        .foreign_key(&mut reference("messages", "notice_id", "notices"))
        .foreign_key(&mut reference("messages", "user_id", "users"))
        .foreign_key(&mut reference("messages", "channel_id", "channels"))
        .to_owned()
}
