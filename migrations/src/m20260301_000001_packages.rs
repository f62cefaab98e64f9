//! Evidence packages with their bytes in pieces, and schedules of them. `open_key` is what one is about while it is not made, so that
//! nothing is made twice at once; `period_key` names a schedule's period, which is made once.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["package_schedules", "packages", "package_pieces"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("package_schedules", &["number"]),
            unique("package_schedules", &["open_key"]),
            unique("packages", &["number"]),
            unique("packages", &["open_key"]),
            unique("packages", &["period_key"]),
            index("packages", &["state", "next_attempt_at"]),
            index("checkpoints", &["at"]),
        ];
        create_all(manager, vec![schedules(), packages(), pieces()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("ix_checkpoints_at")
            .table(Alias::new("checkpoints"))
            .to_owned();
        manager.drop_index(index).await?;
        drop_all(manager, TABLES).await
    }
}

fn schedules() -> TableCreateStatement {
    with(
        create("package_schedules"),
        [
            id(),
            big("number"),
            text_null("open_key"),
            text("framework"),
            text_null("agent"),
            text("every"),
            int("sample"),
            text("state"),
            text_null("problem"),
            uuid("kept_by"),
            text("kept_by_name"),
            time("next_from"),
            time("created_at"),
        ],
    )
    .foreign_key(&mut reference("package_schedules", "kept_by", "users"))
    .to_owned()
}

fn packages() -> TableCreateStatement {
    let ordered = [
        id(),
        big("number"),
        text_null("open_key"),
        text_null("period_key"),
        uuid_null("schedule_id"),
        text("framework"),
        time("from_at"),
        time("to_at"),
        text_null("agent"),
        text("seed"),
        int("sample"),
        uuid_null("ordered_by"),
        text("ordered_by_name"),
        time("ordered_at"),
    ];
    let made = [
        text("state"),
        text_null("step"),
        text_null("problem"),
        column("kept").boolean().not_null().to_owned(),
        big_null("events"),
        big_null("files"),
        big_null("bytes"),
        text_null("digest"),
        text_null("signature"),
        big_null("log_size"),
        text_null("log_root"),
        time_null("ended_at"),
        text_null("removed_by"),
        time_null("removed_at"),
        text_null("remove_reason"),
    ];
    with(with(with(create("packages"), ordered), made), claim())
        .foreign_key(&mut reference(
            "packages",
            "schedule_id",
            "package_schedules",
        ))
        .foreign_key(&mut reference("packages", "ordered_by", "users"))
        .to_owned()
}

fn pieces() -> TableCreateStatement {
    with(
        create("package_pieces"),
        [
            uuid("package_id"),
            big("fence"),
            big("piece"),
            bytes("bytes"),
        ],
    )
    .primary_key(
        Index::create()
            .col(Alias::new("package_id"))
            .col(Alias::new("fence"))
            .col(Alias::new("piece")),
    )
    .foreign_key(&mut reference("package_pieces", "package_id", "packages"))
    .to_owned()
}
