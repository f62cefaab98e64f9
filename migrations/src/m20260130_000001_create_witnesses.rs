//! Who outside keeps the heads of the audit log (witnesses and anchors), what witnesses said, and which heads enough of them saw.

use sea_orm_migration::prelude::*;

use crate::seal;
use crate::table::*;

/// Never changed: what a witness said stays said.
const SEALED: &[&str] = &["cosignatures", "witnessed_checkpoints"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            log_keepers(),
            cosignatures(),
            with(
                create("witnessed_checkpoints"),
                [big_key("size"), time("at")],
            ),
        ];
        create_all(manager, tables, Vec::new()).await?;
        for table in SEALED {
            seal::append_only(manager, table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in SEALED {
            seal::open(manager, table).await?;
        }
        drop_all(
            manager,
            &["log_keepers", "cosignatures", "witnessed_checkpoints"],
        )
        .await
    }
}

fn log_keepers() -> TableCreateStatement {
    let columns = [
        text_key("name"),
        text("origin"),
        big("size"),
        time_null("kept_at"),
        text_null("kept_as"),
        text_null("trouble"),
    ];
    with(create("log_keepers"), columns.into_iter().chain(claim()))
}

fn cosignatures() -> TableCreateStatement {
    let mut key = Index::create();
    key.col(Alias::new("size")).col(Alias::new("key_id"));
    with(
        create("cosignatures"),
        [big("size"), text("key_id"), text("line"), time("at")],
    )
    .primary_key(&mut key)
    .to_owned()
}
