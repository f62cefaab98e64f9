//! Suspensions of identities. `open_key` is the identity while one lasts, so that there is one at a time.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("suspensions", &["open_key"]),
            index("suspensions", &["identity_id"]),
        ];
        create_all(manager, vec![suspensions()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["suspensions"]).await
    }
}

fn suspensions() -> TableCreateStatement {
    with(
        create("suspensions"),
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
    .foreign_key(&mut reference("suspensions", "identity_id", "identities"))
    .to_owned()
}
