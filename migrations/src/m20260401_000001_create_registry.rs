//! What agents are found by, counted by and compared by. All of it is made from the facts beside it: the program fills it for agents
//! that there are already, and can make it anew.
//!
//! Counts are kept of cells, which are all agents of one team, framework, risk and standing, so they cost the same however many agents
//! there are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![cells(), entries(), uses(), likenesses()];
        let indexes = vec![
            unique(
                "registry_cells",
                &["team_id", "framework", "risk", "standings"],
            ),
            unique("registry_entries", &["agent_id"]),
            unique("registry_entries", &["slug"]),
            index("registry_entries", &["cell_id", "slug"]),
            index("registry_entries", &["compared", "number"]),
            index("registry_uses", &["agent_id"]),
            index("registry_likenesses", &["other_id"]),
            index("registry_likenesses", &["likeness"]),
        ];
        create_all(manager, tables, indexes).await?;
        // What begins so is looked for in the order of the bytes, as SQLite has it.
        let words = if manager.get_database_backend() == DbBackend::Postgres {
            "CREATE TABLE registry_words (rowid bigint PRIMARY KEY, words tsvector NOT NULL); \
             CREATE INDEX ix_registry_words_words ON registry_words USING gin (words); \
             ALTER TABLE registry_entries ALTER COLUMN slug TYPE text COLLATE \"C\"; \
             ALTER TABLE registry_uses ALTER COLUMN name TYPE text COLLATE \"C\";"
        } else {
            // Without the text itself and without places of words, with the beginnings of words.
            "CREATE VIRTUAL TABLE registry_words USING fts5(words, content='', contentless_delete=1, detail=none, prefix='1 2 3 4', \
             tokenize='ascii');"
        };
        let connection = manager.get_connection();
        connection.execute_unprepared(words).await?;
        // Views of the registry stand beside those of the trail.
        let mut views = Table::alter().table(Alias::new("saved_views")).to_owned();
        manager
            .alter_table(views.add_column(text_null("agents")).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut views = Table::alter().table(Alias::new("saved_views")).to_owned();
        manager
            .alter_table(views.drop_column(Alias::new("agents")).to_owned())
            .await?;
        let tables = [
            "registry_cells",
            "registry_entries",
            "registry_uses",
            "registry_likenesses",
            "registry_words",
        ];
        drop_all(manager, &tables).await
    }
}

fn cells() -> TableCreateStatement {
    with(
        create("registry_cells"),
        [
            serial("id"),
            uuid("team_id"),
            // Empty before the first version.
            text("framework"),
            text("risk"),
            int("standings"),
            big("agents"),
        ],
    )
    .foreign_key(&mut reference("registry_cells", "team_id", "teams"))
    .to_owned()
}

fn entries() -> TableCreateStatement {
    with(
        create("registry_entries"),
        [
            serial("number"),
            uuid("agent_id"),
            text("slug"),
            big("cell_id"),
            // The version whose manifest the profile is from.
            uuid_null("version_id"),
            text("profile"),
            // Is it compared with the others as it is now?
            column("compared").boolean().not_null().to_owned(),
            big("revision"),
        ],
    )
    .foreign_key(&mut reference("registry_entries", "agent_id", "agents"))
    .foreign_key(&mut reference(
        "registry_entries",
        "cell_id",
        "registry_cells",
    ))
    .to_owned()
}

/// Which tools and MCP servers an agent uses.
fn uses() -> TableCreateStatement {
    with(
        create("registry_uses"),
        [
            text("kind"),
            text("name"),
            uuid("agent_id"),
            uuid("team_id"),
        ],
    )
    .primary_key(
        Index::create()
            .col(Alias::new("kind"))
            .col(Alias::new("name"))
            .col(Alias::new("agent_id")),
    )
    .foreign_key(&mut reference("registry_uses", "agent_id", "agents"))
    .to_owned()
}

/// Each pair once, the smaller id first; in thousandths.
fn likenesses() -> TableCreateStatement {
    with(
        create("registry_likenesses"),
        [uuid("one_id"), uuid("other_id"), int("likeness")],
    )
    .primary_key(
        Index::create()
            .col(Alias::new("one_id"))
            .col(Alias::new("other_id")),
    )
    .foreign_key(&mut reference("registry_likenesses", "one_id", "agents"))
    .foreign_key(&mut reference("registry_likenesses", "other_id", "agents"))
    .to_owned()
}
