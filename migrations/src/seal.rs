//! Triggers that refuse UPDATE and DELETE. A seat belt: detection does not rely on it, the Merkle tree does that.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend};

/// Makes a table append-only.
pub(crate) async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    seal(manager, table, None).await
}

/// Makes a table append-only, but for the rows of versions whose evidence was removed later than they were written: the
/// removal is written down first, so nothing goes without a trace.
pub(crate) async fn append_only_until_removed(
    manager: &SchemaManager<'_>,
    table: &str,
) -> Result<(), DbErr> {
    let removed = "SELECT 1 FROM evidence_removals r \
                   WHERE r.version_id = OLD.version_id AND r.removed_at >= OLD.created_at";
    seal(manager, table, Some(removed)).await
}

/// Refuses every change of a table; a deletion only where a query about `OLD` finds nothing.
async fn seal(manager: &SchemaManager<'_>, table: &str, unless: Option<&str>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        let unless = unless.map_or_else(String::new, |query| {
            format!(
                "IF TG_OP = 'DELETE' THEN IF EXISTS ({query}) THEN RETURN OLD; END IF; END IF; "
            )
        });
        let body = format!("{unless}RAISE EXCEPTION '{table} is append-only';");
        guarded(connection, table, &body, "UPDATE OR DELETE").await?;
    } else {
        for verb in ["UPDATE", "DELETE"] {
            let when = match unless {
                Some(query) if verb == "DELETE" => format!("WHEN NOT EXISTS ({query}) "),
                _ => String::new(),
            };
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER seal_{table}_{verb} BEFORE {verb} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
                ))
                .await?;
        }
    }
    Ok(())
}

/// PostgreSQL: runs a body of PL/pgSQL before each of these changes of a row, and before a TRUNCATE.
async fn guarded(
    connection: &impl ConnectionTrait,
    table: &str,
    body: &str,
    verbs: &str,
) -> Result<(), DbErr> {
    connection
        .execute_unprepared(&format!(
            "CREATE OR REPLACE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$; \
             CREATE TRIGGER seal_{table} BEFORE {verbs} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{table}(); \
             CREATE TRIGGER seal_{table}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_{table}(); \
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER seal_{table}; \
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER seal_{table}_all;"
        ))
        .await?;
    Ok(())
}

/// Takes the seal off again, for `down`.
pub(crate) async fn open(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        connection
            .execute_unprepared(&format!(
                "DROP TRIGGER seal_{table} ON {table}; DROP TRIGGER seal_{table}_all ON {table}; DROP FUNCTION refuse_{table}();"
            ))
            .await?;
    } else {
        for verb in ["UPDATE", "DELETE"] {
            connection
                .execute_unprepared(&format!("DROP TRIGGER seal_{table}_{verb};"))
                .await?;
        }
    }
    Ok(())
}

/// Refuses updates of a table. Rows may still be deleted, by age.
pub(crate) async fn never_updated(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let statement = if manager.get_database_backend() == DatabaseBackend::Postgres {
        format!(
            "CREATE OR REPLACE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '{table} is never updated'; END $$; \
             CREATE TRIGGER seal_{table} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{table}(); \
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER seal_{table};"
        )
    } else {
        format!(
            "CREATE TRIGGER seal_{table} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is never updated'); END;"
        )
    };
    connection.execute_unprepared(&statement).await.map(|_| ())
}

/// Takes that off again, for `down`.
pub(crate) async fn updated_again(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let statement = if manager.get_database_backend() == DatabaseBackend::Postgres {
        format!("DROP TRIGGER seal_{table} ON {table}; DROP FUNCTION refuse_{table}();")
    } else {
        format!("DROP TRIGGER seal_{table};")
    };
    connection.execute_unprepared(&statement).await.map(|_| ())
}

const VERBS: [(&str, &str); 3] = [("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")];

/// Refuses that rows are added, changed or deleted from when on a query about `ROW` finds something.
pub(crate) async fn until(
    manager: &SchemaManager<'_>,
    table: &str,
    query: &str,
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        let [added, changed] = ["NEW", "OLD"].map(|row| query.replace("ROW", row));
        let body = format!(
            "IF TG_OP = 'INSERT' THEN IF NOT EXISTS ({added}) THEN RETURN NEW; END IF; \
             ELSIF TG_OP <> 'TRUNCATE' THEN IF NOT EXISTS ({changed}) THEN \
             IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF; RETURN OLD; END IF; END IF; \
             RAISE EXCEPTION '{table} is sealed';"
        );
        guarded(connection, table, &body, "INSERT OR UPDATE OR DELETE").await?;
    } else {
        for (verb, row) in VERBS {
            let sealed = query.replace("ROW", row);
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER seal_{table}_{verb} BEFORE {verb} ON {table} WHEN EXISTS ({sealed}) \
                     BEGIN SELECT RAISE(ABORT, '{table} is sealed'); END;"
                ))
                .await?;
        }
    }
    Ok(())
}

/// Takes that off again, for `down`.
pub(crate) async fn open_until(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        return open(manager, table).await;
    }
    for (verb, _) in VERBS {
        manager
            .get_connection()
            .execute_unprepared(&format!("DROP TRIGGER seal_{table}_{verb};"))
            .await?;
    }
    Ok(())
}
