//! Whether a connection's failures become issues on the git host, and the issues that were opened.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["issues"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let switch = Table::alter()
            .table(Alias::new("connections"))
            .add_column(
                column("opens_issues")
                    .boolean()
                    .not_null()
                    .default(false)
                    .to_owned(),
            )
            .to_owned();
        manager.alter_table(switch).await?;
        let table = with(
            create("issues"),
            [
                uuid("deployment_id").primary_key().to_owned(),
                uuid("agent_id"),
                text("environment"),
                text("key"),
                text("url"),
                time("opened_at"),
                time_null("closed_at"),
            ],
        )
        .foreign_key(&mut reference("issues", "deployment_id", "deployments"))
        .foreign_key(&mut reference("issues", "agent_id", "agents"))
        .to_owned();
        let indexes = vec![index("issues", &["agent_id", "environment"])];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await?;
        let switch = Table::alter()
            .table(Alias::new("connections"))
            .drop_column(Alias::new("opens_issues"))
            .to_owned();
        manager.alter_table(switch).await
    }
}
