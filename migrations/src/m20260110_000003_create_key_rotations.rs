//! Changes of the keys of identities. `open_key` is the identity while one lasts, so that there is one at a time.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("key_rotations", &["open_key"]),
            index("key_rotations", &["identity_id"]),
        ];
        create_all(manager, vec![key_rotations()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["key_rotations"]).await
    }
}

fn key_rotations() -> TableCreateStatement {
    with(
        create("key_rotations"),
        [
            id(),
            uuid("identity_id"),
            text_null("open_key"),
            text("state"),
            text("asked_by"),
            text("reason"),
            time("asked_at"),
            time_null("over_at"),
            text_null("last_error"),
            int("attempts"),
            time("next_attempt_at"),
        ],
    )
    .foreign_key(&mut reference("key_rotations", "identity_id", "identities"))
    .to_owned()
}
