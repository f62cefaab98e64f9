//! The trail by every filter, and other systems' ids: indexes that end in the log's own, the words of each event, what versions and
//! deployments are known by outside, and the filters that people keep under a name.
//!
//! The words are an index of the log and nothing else: they can be made anew from it. Of events from before, the action is found
//! by its stored word alone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &[&str]); 7] = [
    ("audit_leaves", &["object_id", "idx"]),
    ("audit_leaves", &["outcome", "idx"]),
    ("versions", &["commit_id"]),
    ("versions", &["config_digest"]),
    ("versions", &["image_digest"]),
    ("deployments", &["manifest_digest"]),
    ("deployments", &["version_id", "number"]),
];

/// Events read at once.
const BATCH: i64 = 1_000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        // That of the time with the event begins with it.
        manager.drop_index(named("audit_leaves", &["time"])).await?;
        let connection = manager.get_connection();
        let words = if manager.get_database_backend() == DbBackend::Postgres {
            "CREATE TABLE audit_words (rowid bigint PRIMARY KEY, words tsvector NOT NULL); \
             CREATE INDEX ix_audit_words_words ON audit_words USING gin (words);"
        } else {
            // Without the text itself, and without places of words: what is looked for is in which event they stand.
            "CREATE VIRTUAL TABLE audit_words USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii'); \
             CREATE TABLE audit_words_waiting (idx bigint NOT NULL PRIMARY KEY, words text NOT NULL);"
        };
        connection.execute_unprepared(words).await?;
        keep_words(connection).await?;
        let indexes = vec![
            unique("saved_views", &["user_id", "name"]),
            index("saved_views", &["shared", "name", "id"]),
        ];
        create_all(manager, vec![saved_views()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            drop_all(manager, &["audit_words_waiting"]).await?;
        }
        drop_all(manager, &["audit_words", "saved_views"]).await?;
        manager
            .create_index(index("audit_leaves", &["time"]))
            .await?;
        for (table, columns) in INDEXES {
            manager.drop_index(named(table, columns)).await?;
        }
        Ok(())
    }
}

fn saved_views() -> TableCreateStatement {
    with(
        create("saved_views"),
        [
            id(),
            uuid("user_id"),
            text("name"),
            text("filters"),
            column("shared").boolean().not_null().to_owned(),
            time("saved_at"),
            time("changed_at"),
        ],
    )
    .foreign_key(&mut reference("saved_views", "user_id", "users"))
    .to_owned()
}

/// Keeps the words of the events that there are, many with each statement.
async fn keep_words(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let mut next = 0_i64;
    loop {
        let query = format!(
            "SELECT idx, {} AS said FROM audit_leaves WHERE idx >= {next} ORDER BY idx LIMIT {BATCH}",
            said(backend)
        );
        let query = Statement::from_string(backend, query);
        let rows = connection.query_all_raw(query).await?;
        let (mut places, mut values) = (Vec::new(), Vec::new());
        for row in &rows {
            let (index, said): (i64, String) = (row.try_get("", "idx")?, row.try_get("", "said")?);
            places.push(place(backend, values.len()));
            values.extend([Value::from(index), Value::from(words(&said))]);
            next = index + 1;
        }
        if rows.is_empty() {
            return Ok(());
        }
        let insert = format!(
            "INSERT INTO audit_words (rowid, words) VALUES {}",
            places.join(", ")
        );
        connection
            .execute_raw(Statement::from_sql_and_values(backend, insert, values))
            .await?;
    }
}

/// What an event says, in SQL.
fn said(backend: DbBackend) -> String {
    let [reason, token] = if backend == DbBackend::Postgres {
        [
            "convert_from(leaf, 'UTF8')::jsonb ->> 'reason'",
            "convert_from(leaf, 'UTF8')::jsonb #>> '{detail,token}'",
        ]
    } else {
        [
            "json_extract(CAST(leaf AS TEXT), '$.reason')",
            "json_extract(CAST(leaf AS TEXT), '$.detail.token')",
        ]
    };
    format!(
        "action || ' ' || outcome || ' ' || object_type || ' ' || object_id || ' ' || actor_name || ' ' || COALESCE(agent, '') \
         || ' ' || COALESCE(CAST(deployment AS TEXT), '') || ' ' || COALESCE({token}, '') || ' ' || COALESCE({reason}, '')"
    )
}

/// The place of a row among the values.
fn place(backend: DbBackend, before: usize) -> String {
    if backend == DbBackend::Postgres {
        let (index, words) = (before + 1, before + 2);
        format!("(${index}, array_to_tsvector(string_to_array(${words}, ' ')))")
    } else {
        "(?, ?)".to_owned()
    }
}

/// As the program finds them: see `domain::search`.
fn words(text: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric()) {
        let word: String = part.to_lowercase().chars().take(64).collect();
        if !word.is_empty() && found.len() < 512 && !found.contains(&word) {
            found.push(word);
        }
    }
    found.join(" ")
}
