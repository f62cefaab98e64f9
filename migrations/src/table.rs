//! The shared words of our tables, so that each migration reads as a list of columns.

use sea_orm_migration::prelude::*;

/// A table by name.
pub(crate) fn create(name: &str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

/// Drops a table by name.
pub(crate) fn drop(name: &str) -> TableDropStatement {
    Table::drop().table(Alias::new(name)).to_owned()
}

pub(crate) fn column(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
}

/// The usual key: a UUID that sorts by time.
pub(crate) fn id() -> ColumnDef {
    column("id").uuid().not_null().primary_key().to_owned()
}

/// A required UUID of another row.
pub(crate) fn uuid(name: &str) -> ColumnDef {
    column(name).uuid().not_null().to_owned()
}

/// A UUID that may be missing.
pub(crate) fn uuid_null(name: &str) -> ColumnDef {
    column(name).uuid().to_owned()
}

/// Required text.
pub(crate) fn text(name: &str) -> ColumnDef {
    column(name).text().not_null().to_owned()
}

/// Text that may be missing.
pub(crate) fn text_null(name: &str) -> ColumnDef {
    column(name).text().to_owned()
}

/// A text key.
pub(crate) fn text_key(name: &str) -> ColumnDef {
    column(name).text().not_null().primary_key().to_owned()
}

/// A required 64-bit number.
pub(crate) fn big(name: &str) -> ColumnDef {
    column(name).big_integer().not_null().to_owned()
}

/// A 64-bit number that may be missing.
pub(crate) fn big_null(name: &str) -> ColumnDef {
    column(name).big_integer().to_owned()
}

/// A 64-bit key that we number ourselves.
pub(crate) fn big_key(name: &str) -> ColumnDef {
    column(name)
        .big_integer()
        .not_null()
        .primary_key()
        .to_owned()
}

/// A 64-bit key that the database numbers.
pub(crate) fn serial(name: &str) -> ColumnDef {
    column(name)
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .to_owned()
}

/// A required 32-bit number.
pub(crate) fn int(name: &str) -> ColumnDef {
    column(name).integer().not_null().to_owned()
}

/// A required time.
pub(crate) fn time(name: &str) -> ColumnDef {
    column(name)
        .timestamp_with_time_zone()
        .not_null()
        .to_owned()
}

/// A time that may be missing.
pub(crate) fn time_null(name: &str) -> ColumnDef {
    column(name).timestamp_with_time_zone().to_owned()
}

/// Required bytes.
pub(crate) fn bytes(name: &str) -> ColumnDef {
    column(name).binary().not_null().to_owned()
}

/// The columns of a row that workers claim: lease, fence, attempts, next attempt.
pub(crate) fn claim() -> [ColumnDef; 5] {
    [
        text_null("lease_owner"),
        time_null("lease_until"),
        big("fence"),
        int("attempts"),
        time("next_attempt_at"),
    ]
}

/// A reference to another table's `id`; rows are never deleted, so there is no cascade.
pub(crate) fn reference(from: &str, column: &str, to: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{from}_{column}"))
        .from(Alias::new(from), Alias::new(column))
        .to(Alias::new(to), Alias::new("id"))
        .to_owned()
}

/// An index over columns.
pub(crate) fn index(table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create()
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(Alias::new(table))
        .to_owned();
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}

/// Drops the index over these columns.
pub(crate) fn named(table: &str, columns: &[&str]) -> IndexDropStatement {
    Index::drop()
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(Alias::new(table))
        .to_owned()
}

/// A unique index over columns.
pub(crate) fn unique(table: &str, columns: &[&str]) -> IndexCreateStatement {
    index(table, columns)
        .name(format!("ux_{table}_{}", columns.join("_")))
        .unique()
        .to_owned()
}

/// Creates tables with their indexes, in order.
pub(crate) async fn create_all(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables, last created first.
pub(crate) async fn drop_all(manager: &SchemaManager<'_>, names: &[&str]) -> Result<(), DbErr> {
    for name in names.iter().rev() {
        manager.drop_table(drop(name)).await?;
    }
    Ok(())
}

/// Adds several columns to a table statement.
pub(crate) fn with(
    mut table: TableCreateStatement,
    columns: impl IntoIterator<Item = ColumnDef>,
) -> TableCreateStatement {
    for column in columns {
        table.col(column);
    }
    table
}
