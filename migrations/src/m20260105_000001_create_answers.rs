//! What a running agent answered to the questions of its gates, so that a run that was interrupted goes on where it stood.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["answers"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("answers"),
            [
                uuid("deployment_id"),
                text("question"),
                int("turn"),
                text("answer"),
                text_null("trace"),
                big("latency_ms"),
            ],
        )
        .primary_key(
            Index::create()
                .col(Alias::new("deployment_id"))
                .col(Alias::new("question"))
                .col(Alias::new("turn")),
        )
        .foreign_key(&mut reference("answers", "deployment_id", "deployments"))
        .to_owned();
        create_all(manager, vec![table], Vec::new()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
