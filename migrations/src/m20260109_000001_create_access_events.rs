//! What agents did at resources, each line attributed when it came in; and how each scope of an identity is used, which
//! outlives the lines.

use sea_orm_migration::prelude::*;

use crate::seal;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["access_events", "scope_uses"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("access_events", &["reporter", "key"]),
            index("access_events", &["agent_id", "id"]),
            index("access_events", &["resource", "id"]),
            index("access_events", &["identity", "id"]),
        ];
        create_all(manager, vec![events(), uses()], indexes).await?;
        seal::never_updated(manager, "access_events").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        seal::updated_again(manager, "access_events").await?;
        drop_all(manager, TABLES).await
    }
}

/// One row for each act. `id` is made of the time of the act, so that it sorts by it.
fn events() -> TableCreateStatement {
    with(
        create("access_events"),
        [
            id(),
            text("reporter"),
            text("reporter_name"),
            text("source"),
            text("key"),
            text("identity"),
            uuid_null("identity_id"),
            uuid_null("agent_id"),
            text_null("version"),
            text_null("environment"),
            big_null("deployment"),
            big_null("approval"),
            text("resource"),
            text("action"),
            text_null("object"),
            column("allowed").boolean().not_null().to_owned(),
            text("coverage"),
            time("occurred_at"),
            time("received_at"),
        ],
    )
    .foreign_key(&mut reference("access_events", "identity_id", "identities"))
    .foreign_key(&mut reference("access_events", "agent_id", "agents"))
    .to_owned()
}

fn uses() -> TableCreateStatement {
    with(
        create("scope_uses"),
        [
            uuid("identity_id"),
            text("scope"),
            big("calls"),
            time("last_at"),
        ],
    )
    .primary_key(
        Index::create()
            .col(Alias::new("identity_id"))
            .col(Alias::new("scope")),
    )
    .foreign_key(&mut reference("scope_uses", "identity_id", "identities"))
    .to_owned()
}
