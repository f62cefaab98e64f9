//! How the two databases are asked for words: SQLite's full-text index (FTS5), PostgreSQL's `tsvector` with a GIN index. Both hold words
//! as they are given, without a language. Words are letters and digits alone, so nothing in them is syntax of either.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, BinOper, Expr, ExprTrait};

/// "What is asked stands in the row", by the index of a table whose words are in its column `words`.
pub(super) fn holds(backend: DbBackend, table: &'static str, asked: &str) -> Expr {
    if backend == DbBackend::Postgres {
        Expr::col(Alias::new("words")).binary(BinOper::Custom("@@"), tsquery(asked))
    } else {
        // The column of the table's own name is the whole index.
        Expr::col(Alias::new(table)).binary(BinOper::Custom("MATCH"), Expr::val(asked))
    }
}

/// PostgreSQL: what is asked, as its own type.
pub(super) fn tsquery(asked: &str) -> Expr {
    Expr::val(asked).cast_as(Alias::new("tsquery"))
}

/// A word as a whole.
pub(super) fn whole(backend: DbBackend, word: &str) -> String {
    if backend == DbBackend::Postgres {
        format!("'{word}'")
    } else {
        format!("\"{word}\"")
    }
}

/// The beginning of a word.
pub(super) fn beginning(backend: DbBackend, word: &str) -> String {
    if backend == DbBackend::Postgres {
        format!("'{word}':*")
    } else {
        format!("\"{word}\"*")
    }
}

/// All of them.
pub(super) fn all(backend: DbBackend, asked: impl Iterator<Item = String>) -> String {
    let and = if backend == DbBackend::Postgres {
        " & "
    } else {
        " AND "
    };
    asked.collect::<Vec<_>>().join(and)
}

/// Any of them.
pub(super) fn any(backend: DbBackend, asked: impl Iterator<Item = String>) -> String {
    let or = if backend == DbBackend::Postgres {
        " | "
    } else {
        " OR "
    };
    asked.collect::<Vec<_>>().join(or)
}
