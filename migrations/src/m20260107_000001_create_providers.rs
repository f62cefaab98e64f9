//! Signing in through providers: whose account it is, what was begun, and which notices of a sign-out were used.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["provider_accounts", "provider_flows", "provider_logouts"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter()
            .table(Alias::new("role_grants"))
            .add_column(text_null("provider"))
            .to_owned();
        manager.alter_table(alter).await?;
        let tables = vec![
            with(
                create("provider_accounts"),
                [
                    id(),
                    uuid("user_id"),
                    text("provider"),
                    text("issuer"),
                    text("subject"),
                    time("linked_at"),
                    time("last_used_at"),
                ],
            )
            .foreign_key(&mut reference("provider_accounts", "user_id", "users"))
            .to_owned(),
            with(
                create("provider_flows"),
                [
                    text_key("id"),
                    text("provider"),
                    text("purpose"),
                    uuid_null("user_id"),
                    text("browser"),
                    text("nonce"),
                    text("verifier"),
                    text("next"),
                    text("network"),
                    time("begun_at"),
                    big("expires_at"),
                ],
            ),
            with(
                create("provider_logouts"),
                [text_key("id"), big("expires_at")],
            ),
        ];
        let indexes = vec![
            unique("provider_accounts", &["issuer", "subject"]),
            index("provider_accounts", &["user_id"]),
            index("provider_flows", &["expires_at"]),
            index("provider_flows", &["network"]),
            index("provider_logouts", &["expires_at"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await?;
        let alter = Table::alter()
            .table(Alias::new("role_grants"))
            .drop_column(Alias::new("provider"))
            .to_owned();
        manager.alter_table(alter).await
    }
}
