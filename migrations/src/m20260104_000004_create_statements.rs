//! Signed statements about gate runs, SBOMs and decisions: what evidence bundles are made of.

use sea_orm_migration::prelude::*;

use crate::seal;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["statements"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("statements"),
            [
                text_key("digest"),
                uuid("deployment_id"),
                uuid("version_id"),
                text_null("gate"),
                text("predicate_type"),
                text("origin"),
                text_null("report_digest"),
                text("line"),
                time("created_at"),
            ],
        )
        .foreign_key(&mut reference("statements", "deployment_id", "deployments"))
        .foreign_key(&mut reference("statements", "version_id", "versions"))
        .to_owned();
        let indexes = vec![
            index("statements", &["deployment_id"]),
            index("statements", &["version_id", "predicate_type"]),
        ];
        create_all(manager, vec![table], indexes).await?;
        seal::append_only(manager, "statements").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        seal::open(manager, "statements").await?;
        drop_all(manager, TABLES).await
    }
}
