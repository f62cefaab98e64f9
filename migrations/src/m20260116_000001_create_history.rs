//! What held when, read from the log: one row for each stretch of the log in which a fact held. Made anew by reading the log from
//! its beginning, so nothing here is the only copy of anything.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["spans", "history_cursor"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("spans"),
                [
                    // The event that began it, and the one that ended it.
                    big_key("begun"),
                    big_null("ended"),
                    text("kind"),
                    text("subject"),
                    text("place"),
                    text("fact"),
                    text("begun_at"),
                    text_null("ended_at"),
                ],
            ),
            with(create("history_cursor"), [big_key("id"), big("next_event")]),
        ];
        let indexes = vec![
            index("spans", &["kind", "subject", "place", "begun"]),
            index("spans", &["kind", "ended", "subject"]),
            index("audit_leaves", &["time", "idx"]),
        ];
        create_all(manager, tables, indexes).await?;
        manager
            .get_connection()
            .execute_unprepared("INSERT INTO history_cursor (id, next_event) VALUES (1, 0)")
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
