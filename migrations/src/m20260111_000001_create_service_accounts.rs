//! Service accounts, and which tokens of a CI each trusts. A token that was given to one names it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("service_accounts", &["slug"]),
            index("service_accounts", &["team_id"]),
            index("trust_rules", &["account_id"]),
            index("trust_rules", &["issuer"]),
        ];
        create_all(manager, vec![accounts(), rules()], indexes).await?;
        let alter = Table::alter()
            .table(Alias::new("api_tokens"))
            .add_column(uuid_null("service_account_id"))
            .to_owned();
        manager.alter_table(alter).await?;
        manager
            .create_index(index("api_tokens", &["service_account_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexed = Index::drop()
            .name("ix_api_tokens_service_account_id")
            .table(Alias::new("api_tokens"))
            .to_owned();
        manager.drop_index(indexed).await?;
        let alter = Table::alter()
            .table(Alias::new("api_tokens"))
            .drop_column(Alias::new("service_account_id"))
            .to_owned();
        manager.alter_table(alter).await?;
        drop_all(manager, &["trust_rules", "service_accounts"]).await
    }
}

fn accounts() -> TableCreateStatement {
    with(
        create("service_accounts"),
        [
            id(),
            text("slug"),
            uuid("team_id"),
            uuid("owner_id"),
            text("scopes"),
            time_null("disabled_at"),
            time("created_at"),
            time_null("last_used_at"),
        ],
    )
    .foreign_key(&mut reference("service_accounts", "team_id", "teams"))
    .foreign_key(&mut reference("service_accounts", "owner_id", "users"))
    .to_owned()
}

fn rules() -> TableCreateStatement {
    with(
        create("trust_rules"),
        [
            id(),
            uuid("account_id"),
            text("issuer"),
            text("claims"),
            time("created_at"),
            time_null("last_used_at"),
        ],
    )
    .foreign_key(&mut reference(
        "trust_rules",
        "account_id",
        "service_accounts",
    ))
    .to_owned()
}
