//! Passkeys of people, and what a browser was asked about one and has not answered yet.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["passkeys", "passkey_ceremonies"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("passkeys"),
                [
                    id(),
                    uuid("user_id"),
                    text("credential"),
                    text("name"),
                    text("data"),
                    big("counter"),
                    time("made_at"),
                    time_null("last_used_at"),
                ],
            )
            .foreign_key(&mut reference("passkeys", "user_id", "users"))
            .to_owned(),
            with(
                create("passkey_ceremonies"),
                [
                    text_key("id"),
                    text("purpose"),
                    uuid("user_id"),
                    uuid_null("session"),
                    uuid_null("attempt"),
                    text("name"),
                    text("options"),
                    text("state"),
                    text("next"),
                    big("expires_at"),
                ],
            )
            .foreign_key(&mut reference("passkey_ceremonies", "user_id", "users"))
            .to_owned(),
        ];
        let indexes = vec![
            unique("passkeys", &["credential"]),
            index("passkeys", &["user_id"]),
            index("passkey_ceremonies", &["user_id"]),
            index("passkey_ceremonies", &["expires_at"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
