//! The append-only log: leaves with their projection, stored hashes, checkpoints.

use sea_orm_migration::prelude::*;

use crate::seal;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["audit_leaves", "audit_hashes", "audit_tree", "checkpoints"];
const SEALED: &[&str] = &["audit_leaves", "audit_hashes", "checkpoints"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("audit_leaves"),
                [
                    big_key("idx"),
                    bytes("leaf"),
                    text("leaf_hash"),
                    text("time"),
                    text("actor_kind"),
                    text("actor_id"),
                    text("actor_name"),
                    text("action"),
                    text("object_type"),
                    text("object_id"),
                    text_null("agent"),
                    big_null("deployment"),
                    text("outcome"),
                ],
            ),
            with(create("audit_hashes"), [big_key("idx"), bytes("hash")]),
            with(create("audit_tree"), [big_key("id"), big("size")]),
            with(
                create("checkpoints"),
                [big_key("size"), text("root"), text("note"), time("at")],
            ),
        ];
        let indexes = vec![
            index("audit_leaves", &["agent", "idx"]),
            index("audit_leaves", &["deployment", "idx"]),
            index("audit_leaves", &["action", "idx"]),
            index("audit_leaves", &["actor_name", "idx"]),
        ];
        create_all(manager, tables, indexes).await?;
        manager
            .get_connection()
            .execute_unprepared("INSERT INTO audit_tree (id, size) VALUES (1, 0)")
            .await?;
        for table in SEALED {
            seal::append_only(manager, table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in SEALED {
            seal::open(manager, table).await?;
        }
        drop_all(manager, TABLES).await
    }
}
