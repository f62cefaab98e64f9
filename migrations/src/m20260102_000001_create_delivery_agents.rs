//! Which agents a delivery concerned: people of one team see the deliveries of its agents alone.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["delivery_agents"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = with(
            create("delivery_agents"),
            [uuid("delivery_id"), uuid("agent_id")],
        )
        .primary_key(
            Index::create()
                .col(Alias::new("delivery_id"))
                .col(Alias::new("agent_id")),
        )
        .foreign_key(&mut reference(
            "delivery_agents",
            "delivery_id",
            "deliveries",
        ))
        .foreign_key(&mut reference("delivery_agents", "agent_id", "agents"))
        .to_owned();
        let indexes = vec![index("delivery_agents", &["agent_id", "delivery_id"])];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
