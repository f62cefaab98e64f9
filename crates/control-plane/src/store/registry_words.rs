//! The words by which entries of the registry are found: SQLite keeps them in its full-text index (FTS5) with the beginnings of words,
//! PostgreSQL as a `tsvector` with a GIN index. Both hold the words as they are given, without a language.
//!
//! Beside its words an entry has the mark of its cell there, so that words and filters are looked for in one go.

use domain::registry::Profile;
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::full_text::{self, beginning, whole};
use crate::error::Error;
use crate::transact::Tx;

const TABLE: &str = "registry_words";
const ROW: &str = "rowid";
/// Begins the mark of a cell. It is neither letter nor digit, so no word begins with it; nor is it ASCII, so SQLite's tokenizer keeps it.
const MARK: char = '§';
/// Cells that are looked for by their marks. With more of them, the words are found first.
const MARKS_MAX: usize = 200;

/// Puts the words of an entry in the place of what it had.
pub(crate) async fn set(
    tx: &Tx,
    number: i64,
    cell: i64,
    slug: &str,
    profile: &Profile,
) -> Result<(), Error> {
    let backend = tx.get_database_backend();
    let mut words = profile.words(slug);
    words.push(mark(cell));
    let sql = if backend == DbBackend::Postgres {
        "INSERT INTO registry_words (rowid, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' '))) \
         ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"
    } else {
        "INSERT OR REPLACE INTO registry_words (rowid, words) VALUES (?, ?)"
    };
    let values = [number.into(), words.join(" ").into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    Ok(())
}

fn mark(cell: i64) -> String {
    format!("{MARK}{cell}")
}

/// Numbers of entries of some cells (`None`: of all) that have words with all of these beginnings, up to a limit, in no order that
/// means anything. With too many cells to look for, entries of others are among them.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    beginnings: &[String],
    cells: Option<&[i64]>,
    limit: u64,
) -> Result<Vec<i64>, Error> {
    let marks: Vec<String> = match cells {
        Some([]) => return Ok(Vec::new()),
        Some(cells) if cells.len() <= MARKS_MAX => cells.iter().map(|cell| mark(*cell)).collect(),
        Some(_) | None => Vec::new(),
    };
    numbers(
        db,
        &all_of(db.get_database_backend(), beginnings, &marks),
        limit,
    )
    .await
}

/// Numbers of entries that have any of these words, up to a limit.
pub(crate) async fn find_any(
    db: &impl ConnectionTrait,
    words: &[String],
    limit: u64,
) -> Result<Vec<i64>, Error> {
    let backend = db.get_database_backend();
    numbers(db, &any_of(backend, words), limit).await
}

/// In how many entries each of these words stands, counted up to a bound.
pub(crate) async fn seen(
    db: &impl ConnectionTrait,
    words: &[String],
    bound: u64,
) -> Result<Vec<u64>, Error> {
    let backend = db.get_database_backend();
    let count = |at: usize| {
        let place = if backend == DbBackend::Postgres {
            format!("words @@ ${}::tsquery", at + 1)
        } else {
            format!("{TABLE} MATCH ?{}", at + 1)
        };
        format!(
            "(SELECT COUNT(*) FROM (SELECT 1 FROM {TABLE} WHERE {place} LIMIT {bound}) AS few) AS w{at}"
        )
    };
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let counts: Vec<String> = (0..words.len()).map(count).collect();
    let sql = format!("SELECT {}", counts.join(", "));
    let values = words.iter().map(|word| whole(backend, word).into());
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let Some(row) = db.query_one_raw(statement).await? else {
        return Ok(Vec::new());
    };
    let seen = (0..words.len()).map(|at| row.try_get::<i64>("", &format!("w{at}")));
    let seen: Vec<i64> = seen.collect::<Result<_, _>>()?;
    Ok(seen
        .into_iter()
        .map(|n| u64::try_from(n).unwrap_or(0))
        .collect())
}

async fn numbers(db: &impl ConnectionTrait, asked: &str, limit: u64) -> Result<Vec<i64>, Error> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let holds = full_text::holds(db.get_database_backend(), TABLE, asked);
    let query = Query::select()
        .column(Alias::new(ROW))
        .from(Alias::new(TABLE))
        .and_where(holds)
        .limit(limit)
        .to_owned();
    let rows = db.query_all(&query).await?;
    let numbers = rows.iter().map(|row| row.try_get("", ROW));
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// All of the beginnings, and one of the marks where there are any.
fn all_of(backend: DbBackend, beginnings: &[String], marks: &[String]) -> String {
    let beginnings = beginnings.iter().map(|word| beginning(backend, word));
    let marks = (!marks.is_empty()).then(|| format!("({})", any_of(backend, marks)));
    full_text::all(backend, beginnings.chain(marks))
}

fn any_of(backend: DbBackend, words: &[String]) -> String {
    full_text::any(backend, words.iter().map(|word| whole(backend, word)))
}
