//! When each key of access tokens signs, and which access tokens were revoked before their end. The keys themselves are in no
//! database.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["revoked_tokens", "signing_keys"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = with(
            create("signing_keys"),
            [big_key("number"), time("published_at"), time("signs_from")],
        );
        let tokens = with(
            create("revoked_tokens"),
            [text_key("id"), big("expires_at")],
        );
        create_all(manager, vec![keys, tokens], Vec::new()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
