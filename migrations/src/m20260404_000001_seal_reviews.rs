//! A review that was signed stays as it was signed, and so does what it lists. And pushes by their commit: one that became no version
//! is found too.

use sea_orm_migration::prelude::*;

use crate::seal::{open_until, until};
use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Each table, and when one of its rows may no longer change.
const SEALED: [(&str, &str); 2] = [
    ("reviews", "SELECT 1 WHERE ROW.state = 'signed'"),
    (
        "review_items",
        "SELECT 1 FROM reviews r WHERE r.id = ROW.review_id AND r.state = 'signed'",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(index("pushes", &["commit_id"]))
            .await?;
        for (table, signed) in SEALED {
            until(manager, table, signed).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, _) in SEALED {
            open_until(manager, table).await?;
        }
        manager.drop_index(named("pushes", &["commit_id"])).await
    }
}
