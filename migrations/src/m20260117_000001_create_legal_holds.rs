//! Legal holds. `open_key` is what one covers while it lasts, so that nothing is held twice.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![unique("legal_holds", &["open_key"])];
        create_all(manager, vec![legal_holds()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["legal_holds"]).await
    }
}

fn legal_holds() -> TableCreateStatement {
    with(
        create("legal_holds"),
        [
            id(),
            uuid_null("agent_id"),
            text_null("open_key"),
            text("reason"),
            text("placed_by"),
            time("placed_at"),
            text_null("released_by"),
            text_null("release_reason"),
            time_null("released_at"),
        ],
    )
    .foreign_key(&mut reference("legal_holds", "agent_id", "agents"))
    .to_owned()
}
