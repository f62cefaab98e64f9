//! Whether what is live still complies with the policy in force, and why not.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["compliance"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("compliance"),
            [
                id(),
                uuid("deployment_id"),
                text("reasons"),
                int("policy_version"),
                time("since"),
            ],
        )
        .foreign_key(&mut reference("compliance", "deployment_id", "deployments"))
        .to_owned();
        let indexes = vec![unique("compliance", &["deployment_id"])];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
