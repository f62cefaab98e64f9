//! What production is held to while it runs: who is due for a look, what was asked and answered, and what the last exchanges
//! of each gate came to.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "online_watches",
    "online_exchanges",
    "online_windows",
    "online_traces",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![watches(), exchanges(), windows(), traces()];
        let indexes = vec![
            index("online_exchanges", &["deployment_id", "id"]),
            index("online_exchanges", &["deployment_id", "gate", "id"]),
            unique("online_traces", &["deployment_id", "span"]),
            index("online_traces", &["deployment_id", "state", "id"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

/// One row for each live deployment, with the key of the deployment.
fn watches() -> TableCreateStatement {
    with(
        with(
            create("online_watches"),
            [id(), big("next_case"), time("probe_at")],
        ),
        claim(),
    )
    .foreign_key(&mut reference("online_watches", "id", "deployments"))
    .to_owned()
}

fn exchanges() -> TableCreateStatement {
    with(
        create("online_exchanges"),
        [
            id(),
            uuid("deployment_id"),
            text("gate"),
            text("origin"),
            text("case_key"),
            text("asked"),
            text("answered"),
            text("verdict"),
            text("why"),
            big("latency_ms"),
            time("at"),
        ],
    )
    .foreign_key(&mut reference(
        "online_exchanges",
        "deployment_id",
        "deployments",
    ))
    .to_owned()
}

fn windows() -> TableCreateStatement {
    with(
        create("online_windows"),
        [
            uuid("deployment_id"),
            text("gate"),
            text("measure"),
            int("probes"),
            int("sampled"),
            time("judged_at"),
            time_null("breached_since"),
        ],
    )
    .primary_key(
        Index::create()
            .col(Alias::new("deployment_id"))
            .col(Alias::new("gate")),
    )
    .foreign_key(&mut reference(
        "online_windows",
        "deployment_id",
        "deployments",
    ))
    .to_owned()
}

/// Sampled traffic that waits for its score. A scored one keeps its key alone, so that it counts once.
fn traces() -> TableCreateStatement {
    with(
        create("online_traces"),
        [
            id(),
            uuid("deployment_id"),
            text("span"),
            text("trace"),
            text("state"),
            text("body"),
            time("received_at"),
        ],
    )
    .foreign_key(&mut reference(
        "online_traces",
        "deployment_id",
        "deployments",
    ))
    .to_owned()
}
