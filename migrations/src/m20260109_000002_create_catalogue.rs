//! The catalogue of resources: what scopes name, who looks after it, and what its actions mean.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![index("catalogue", &["team_id"])];
        create_all(manager, vec![catalogue()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["catalogue"]).await
    }
}

fn catalogue() -> TableCreateStatement {
    with(
        create("catalogue"),
        [
            text_key("name"),
            uuid_null("team_id"),
            text("description"),
            text("data_class"),
            text("actions"),
            big("revision"),
            time("created_at"),
            time("updated_at"),
        ],
    )
    .foreign_key(&mut reference("catalogue", "team_id", "teams"))
    .to_owned()
}
