//! Evidence that the policy keeps no longer: what was removed, when and under which rule. Statements stay append-only but for
//! those of a version whose removal is written down.

use sea_orm_migration::prelude::*;

use crate::seal;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["evidence_removals"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("evidence_removals"),
            [
                id(),
                uuid("version_id"),
                int("policy_version"),
                int("days"),
                time("removed_at"),
            ],
        )
        .foreign_key(&mut reference(
            "evidence_removals",
            "version_id",
            "versions",
        ))
        .to_owned();
        let indexes = vec![
            index("evidence_removals", &["version_id"]),
            index("gate_runs", &["evidence_digest"]),
            index("versions", &["sbom_digest"]),
        ];
        create_all(manager, vec![table], indexes).await?;
        seal::append_only(manager, "evidence_removals").await?;
        seal::open(manager, "statements").await?;
        seal::append_only_until_removed(manager, "statements").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        seal::open(manager, "statements").await?;
        seal::append_only(manager, "statements").await?;
        seal::open(manager, "evidence_removals").await?;
        for (table, column) in [
            ("gate_runs", "evidence_digest"),
            ("versions", "sbom_digest"),
        ] {
            let indexed = Index::drop()
                .name(format!("ix_{table}_{column}"))
                .table(Alias::new(table))
                .to_owned();
            manager.drop_index(indexed).await?;
        }
        drop_all(manager, TABLES).await
    }
}
