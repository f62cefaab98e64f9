//! Incidents and quarantines. `open_key` is what Clearance opened one about, or what is quarantined, while that lasts, so that
//! there is one at a time.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["incidents", "quarantines"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("incidents", &["number"]),
            unique("incidents", &["open_key"]),
            index("incidents", &["state", "number"]),
            index("incidents", &["agent_id"]),
            unique("quarantines", &["open_key"]),
            index("quarantines", &["incident_id"]),
            index("quarantines", &["state", "next_attempt_at"]),
        ];
        create_all(manager, vec![incidents(), quarantines()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

fn incidents() -> TableCreateStatement {
    with(
        create("incidents"),
        [
            id(),
            big("number"),
            text_null("open_key"),
            uuid("agent_id"),
            text("environment"),
            big_null("deployment"),
            text("cause"),
            text("state"),
            text("title"),
            text("opened_by"),
            time("opened_at"),
            uuid_null("owner_id"),
            text_null("mitigation"),
            time_null("mitigated_at"),
            text_null("lesson"),
            text_null("closed_by"),
            time_null("closed_at"),
        ],
    )
    .foreign_key(&mut reference("incidents", "agent_id", "agents"))
    .foreign_key(&mut reference("incidents", "owner_id", "users"))
    .to_owned()
}

fn quarantines() -> TableCreateStatement {
    with(
        create("quarantines"),
        [
            id(),
            uuid("incident_id"),
            uuid("deployment_id"),
            text_null("open_key"),
            text("state"),
            text("asked_by"),
            text("reason"),
            time("asked_at"),
            time_null("in_force_at"),
            time_null("over_at"),
            text_null("last_error"),
            int("attempts"),
            time("next_attempt_at"),
        ],
    )
    .foreign_key(&mut reference("quarantines", "incident_id", "incidents"))
    .foreign_key(&mut reference(
        "quarantines",
        "deployment_id",
        "deployments",
    ))
    .to_owned()
}
