//! The words of each event, for the search of the trail: SQLite keeps them in its full-text index (FTS5), PostgreSQL as a
//! `tsvector` with a GIN index. Both hold the words as they are given, without a language. A row is written with its event; what a
//! search finds is shown from the event itself.
//!
//! A full-text index that is written one row a commit is merged all the time. So on SQLite words wait in a plain table, which is
//! searched too, until there are enough to be taken over together. PostgreSQL does the like by itself.

use sea_orm::sea_query::{
    Alias, BinOper, Expr, ExprTrait, Func, Order, Query, SelectStatement, UnionType,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::entity::audit_leaf;
use super::full_text;
use crate::error::Error;
use crate::transact::Tx;

const TABLE: &str = "audit_words";
/// The number of the event. On SQLite it is the index's own row id.
const ROW: &str = "rowid";
const WAITING: &str = "audit_words_waiting";
/// Newest events that PostgreSQL looks at one by one before it asks the index.
const NEAR: i64 = 20_000;

/// What writes the words of an event. They are letters and digits alone, so nothing in them is syntax of either database.
pub(crate) fn inserting(backend: DbBackend, index: i64, words: &[String]) -> Statement {
    let words = words.join(" ");
    let (sql, words) = if backend == DbBackend::Postgres {
        let sql = "INSERT INTO audit_words (rowid, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))";
        (sql, words)
    } else {
        // Each word has a space before it and one behind it.
        let sql = "INSERT INTO audit_words_waiting (idx, words) VALUES (?, ?)";
        (sql, format!(" {words} "))
    };
    let values = [index.into(), words.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// How many events have words that wait, up to a limit.
pub(crate) async fn waiting(db: &impl ConnectionTrait, limit: u64) -> Result<u64, Error> {
    if db.get_database_backend() == DbBackend::Postgres {
        return Ok(0);
    }
    let first = Query::select()
        .column(Alias::new("idx"))
        .from(Alias::new(WAITING))
        .limit(limit)
        .to_owned();
    let count = Query::select()
        .expr_as(Expr::col(Alias::new("idx")).count(), Alias::new("waiting"))
        .from_subquery(first, Alias::new("first"))
        .to_owned();
    let row = db.query_one(&count).await?;
    let waiting: i64 = row.map_or(Ok(0), |row| row.try_get("", "waiting"))?;
    Ok(u64::try_from(waiting).unwrap_or(0))
}

/// Takes the words of the oldest events that wait into the index, up to a limit.
pub(crate) async fn take_over(tx: &Tx, limit: u64) -> Result<(), Error> {
    let oldest = format!(
        "(SELECT MAX(idx) FROM (SELECT idx FROM audit_words_waiting ORDER BY idx LIMIT {limit}))"
    );
    for sql in [
        format!(
            "INSERT INTO audit_words (rowid, words) SELECT idx, words FROM audit_words_waiting WHERE idx <= {oldest} ORDER BY idx"
        ),
        format!("DELETE FROM audit_words_waiting WHERE idx <= {oldest}"),
    ] {
        tx.execute_raw(Statement::from_string(DbBackend::Sqlite, sql))
            .await?;
    }
    Ok(())
}

/// Numbers of the newest events from `floor` on and below `below` in which all of these words stand, newest first.
///
/// PostgreSQL's index knows no order, and its planner no frequencies of words that it has not seen: so it is told the way. What is
/// frequent is found among the newest events, and what is not there is rare enough to be found by the index and sorted.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    words: &[String],
    (floor, below): (i64, i64),
    limit: u64,
) -> Result<Vec<i64>, Error> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    if db.get_database_backend() != DbBackend::Postgres {
        return numbers(db, &on_sqlite(words, (floor, below), limit)).await;
    }
    let below = std::cmp::min(below, super::audit::size(db).await?);
    let near = std::cmp::max(floor, below.saturating_sub(NEAR));
    let mut found = numbers(db, &one_by_one(words, (near, below), limit)).await?;
    let missing = limit.saturating_sub(u64::try_from(found.len()).unwrap_or(limit));
    if missing > 0 && near > floor {
        found.extend(numbers(db, &by_index(words, (floor, near), missing)).await?);
    }
    Ok(found)
}

async fn numbers(db: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<i64>, Error> {
    let rows = db.query_all(query).await?;
    let numbers = rows.iter().map(|row| row.try_get("", "idx"));
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// The index and the words that wait, merged in their order.
pub(super) fn on_sqlite(words: &[String], range: (i64, i64), limit: u64) -> SelectStatement {
    rows(TABLE, ROW, indexed(DbBackend::Sqlite, words), range)
        .union(UnionType::All, rows(WAITING, "idx", wait(words), range))
        .order_by(Alias::new("idx"), Order::Desc)
        .limit(limit)
        .to_owned()
}

/// PostgreSQL: each event of a short range is looked at, newest first.
fn one_by_one(words: &[String], range: (i64, i64), limit: u64) -> SelectStatement {
    rows(TABLE, ROW, read(words), range)
        .order_by(Alias::new(ROW), Order::Desc)
        .limit(limit)
        .to_owned()
}

/// PostgreSQL: the index brings the events, in an order that no other index has.
fn by_index(words: &[String], range: (i64, i64), limit: u64) -> SelectStatement {
    rows(TABLE, ROW, indexed(DbBackend::Postgres, words), range)
        .order_by_expr(Expr::col(Alias::new(ROW)).add(0), Order::Desc)
        .limit(limit)
        .to_owned()
}

/// Numbers of the rows of a range for which something holds, as `idx`.
fn rows(
    table: &'static str,
    row: &'static str,
    holds: Expr,
    (floor, below): (i64, i64),
) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(Alias::new(row)), Alias::new("idx"))
        .from(Alias::new(table))
        .and_where(holds)
        .and_where(Expr::col(Alias::new(row)).gte(floor))
        .and_where(Expr::col(Alias::new(row)).lt(below))
        .to_owned()
}

/// "All of these words stand in the event of this row", looked up for one event after the other.
pub(super) fn stand_in(backend: DbBackend, words: &[String]) -> Expr {
    let of = |table: &'static str, row: &'static str, holds: Expr| {
        let event = Expr::col((audit_leaf::Entity, audit_leaf::Column::Idx));
        let held = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new(table))
            .and_where(holds)
            .and_where(Expr::col((Alias::new(table), Alias::new(row))).eq(event))
            .to_owned();
        Expr::exists(held)
    };
    if backend == DbBackend::Postgres {
        of(TABLE, ROW, read(words))
    } else {
        let found = of(TABLE, ROW, indexed(backend, words));
        found.or(of(WAITING, "idx", wait(words)))
    }
}

fn indexed(backend: DbBackend, words: &[String]) -> Expr {
    full_text::holds(backend, TABLE, &all(backend, words))
}

/// PostgreSQL: the words of one row are looked at, without the index of all of them.
fn read(words: &[String]) -> Expr {
    let nothing = Expr::val("").cast_as(Alias::new("tsvector"));
    let row = Expr::col(Alias::new("words")).binary(BinOper::Custom("||"), nothing);
    row.binary(
        BinOper::Custom("@@"),
        full_text::tsquery(&all(DbBackend::Postgres, words)),
    )
}

fn all(backend: DbBackend, words: &[String]) -> String {
    full_text::all(
        backend,
        words.iter().map(|word| full_text::whole(backend, word)),
    )
}

fn wait(words: &[String]) -> Expr {
    let stands = |word: &String| {
        let found = Func::cust("INSTR")
            .arg(Expr::col((Alias::new(WAITING), Alias::new("words"))))
            .arg(format!(" {word} "));
        Expr::from(found).gt(0)
    };
    let mut all = words.iter().map(stands);
    let first = all.next().unwrap_or_else(|| Expr::val(true));
    all.fold(first, ExprTrait::and)
}
