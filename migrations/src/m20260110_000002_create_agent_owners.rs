//! Who answers for an agent: one person, whose leaving is noticed.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![unique("agent_owners", &["agent_id"])];
        create_all(manager, vec![agent_owners()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["agent_owners"]).await
    }
}

fn agent_owners() -> TableCreateStatement {
    with(
        create("agent_owners"),
        [id(), uuid("agent_id"), uuid("user_id"), time("since")],
    )
    .foreign_key(&mut reference("agent_owners", "agent_id", "agents"))
    .foreign_key(&mut reference("agent_owners", "user_id", "users"))
    .to_owned()
}
