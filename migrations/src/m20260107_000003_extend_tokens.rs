//! API tokens are told by their first characters, and say when they were last used.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn columns() -> Vec<ColumnDef> {
    vec![
        text("prefix").default("").to_owned(),
        time_null("last_used_at"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let alter = Table::alter()
                .table(Alias::new("api_tokens"))
                .add_column(column)
                .to_owned();
            manager.alter_table(alter).await?;
        }
        manager
            .create_index(index("api_tokens", &["user_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexed = Index::drop()
            .name("ix_api_tokens_user_id")
            .table(Alias::new("api_tokens"))
            .to_owned();
        manager.drop_index(indexed).await?;
        for column in columns() {
            let alter = Table::alter()
                .table(Alias::new("api_tokens"))
                .drop_column(Alias::new(column.get_column_name()))
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
