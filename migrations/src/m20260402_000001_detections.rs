//! What a look at an agent's source found before its first version: one row an agent, which is also the order for a worker.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("detections", &["agent_id"]),
            index("detections", &["state", "next_attempt_at"]),
        ];
        create_all(manager, vec![detections()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["detections"]).await
    }
}

fn detections() -> TableCreateStatement {
    let columns = [
        id(),
        uuid("agent_id"),
        text("state"),
        time("ordered_at"),
        text_null("commit_id"),
        text_null("found"),
        text_null("problem"),
        text_null("detail"),
        column("secret_known").boolean().to_owned(),
        time_null("looked_at"),
    ];
    with(with(create("detections"), columns), claim())
        .foreign_key(&mut reference("detections", "agent_id", "agents"))
        .to_owned()
}
