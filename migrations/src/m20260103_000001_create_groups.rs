//! Groups of people, and who stands in for whom.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["groups", "group_members", "stand_ins"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("groups"),
                [id(), text("slug"), text("name"), time("created_at")],
            ),
            with(
                create("group_members"),
                [id(), uuid("group_id"), uuid("user_id"), time("added_at")],
            )
            .foreign_key(&mut reference("group_members", "group_id", "groups"))
            .foreign_key(&mut reference("group_members", "user_id", "users"))
            .to_owned(),
            with(
                create("stand_ins"),
                [
                    id(),
                    uuid("absent_id"),
                    uuid("user_id"),
                    time("begins_at"),
                    time("ends_at"),
                    text_null("reason"),
                    time("named_at"),
                ],
            )
            .foreign_key(&mut reference("stand_ins", "absent_id", "users"))
            .foreign_key(&mut reference("stand_ins", "user_id", "users"))
            .to_owned(),
        ];
        let indexes = vec![
            unique("groups", &["slug"]),
            unique("group_members", &["group_id", "user_id"]),
            index("stand_ins", &["ends_at"]),
            index("stand_ins", &["user_id", "ends_at"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
