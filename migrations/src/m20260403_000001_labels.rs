//! Labels that people give agents in the registry. Agents are counted by their set of labels too: a cell has the set's number above the
//! lowest byte of its standings, so a program from before there were labels still finds and counts the cells that it knows.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("agent_labels", &["agent_id", "label"]),
            unique("registry_label_sets", &["labels"]),
        ];
        create_all(manager, vec![labels(), sets()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["agent_labels", "registry_label_sets"]).await
    }
}

fn labels() -> TableCreateStatement {
    let columns = [id(), uuid("agent_id"), text("label"), time("since")];
    with(create("agent_labels"), columns)
        .foreign_key(&mut reference("agent_labels", "agent_id", "agents"))
        .to_owned()
}

/// Each set of labels that some agent had, as words in order with commas between them.
fn sets() -> TableCreateStatement {
    with(
        create("registry_label_sets"),
        [serial("id"), text("labels")],
    )
}
