//! Sign-ins that failed, by network.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["sign_in_failures"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![with(
            create("sign_in_failures"),
            [id(), text("network"), big("at")],
        )];
        let indexes = vec![
            index("sign_in_failures", &["network", "at"]),
            index("sign_in_failures", &["at"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
