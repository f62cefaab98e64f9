//! A database for one test: a SQLite file, or a database of a PostgreSQL server where `CLEARANCE_TEST_POSTGRES_URL` names one.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{Database, ids};

/// The database's file in the folder of the test, on SQLite.
const FILE: &str = "test.db";

/// The pools of a test, and how to get rid of what they are connected to.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    pub(crate) pools: Database,
    /// Statements that were read with.
    pub(crate) statements: Arc<AtomicU64>,
    /// Statements of transactions until the one after which whoever made it is cut off; none while it is not above 0.
    pub(crate) until_cut: Arc<AtomicI64>,
    /// The server's address and the name of the test's database there.
    postgres: Option<(String, String)>,
}

/// What ends a call in the middle: it unwinds from the statement at which it was.
#[derive(Debug)]
pub(crate) struct CutOff;

impl TestDatabase {
    pub(crate) async fn create(folder: &Path, synchronous: SqliteSynchronous) -> Self {
        let mut created = match variable("CLEARANCE_TEST_POSTGRES_URL") {
            Some(server) => postgres(&server).await,
            None => Self {
                pools: sqlite(folder, synchronous).await,
                statements: Arc::default(),
                until_cut: Arc::default(),
                postgres: None,
            },
        };
        migrate(&created.pools.writer).await;
        let statements = Arc::clone(&created.statements);
        created.pools.reader.set_metric_callback(move |_| {
            statements.fetch_add(1, Ordering::Relaxed);
        });
        let until_cut = Arc::clone(&created.until_cut);
        created.pools.writer.set_metric_callback(move |_| {
            if until_cut.fetch_sub(1, Ordering::Relaxed) == 1 {
                std::panic::resume_unwind(Box::new(CutOff));
            }
        });
        created
    }

    /// Is this PostgreSQL?
    pub(crate) const fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// Closes the pools, and drops the database of a server.
    pub(crate) async fn remove(self) {
        for pool in [self.pools.writer, self.pools.reader] {
            // Both pools are one on PostgreSQL; closing it again is no matter.
            let _ = pool.close().await;
        }
        if let Some((server, name)) = self.postgres {
            let admin = sea_orm::Database::connect(&server)
                .await
                .expect("the server");
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            admin.execute_unprepared(&drop).await.expect("dropped");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file; these variables are documented"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn migrate(database: &DatabaseConnection) {
    let migrated = Migrator::up(database, None).await;
    migrated.expect("the migrations");
}

async fn postgres(server: &str) -> TestDatabase {
    let name = format!("clearance_test_{}", ids::new().simple());
    let mut one = ConnectOptions::new(server);
    // One connection: the lock of the template belongs to it.
    one.max_connections(1).sqlx_logging(false);
    let admin = sea_orm::Database::connect(one).await.expect("the server");
    let from = match variable("NEXTEST_RUN_ID") {
        Some(run) => format!(" TEMPLATE {}", template(server, &admin, &run).await),
        None => String::new(),
    };
    let create = format!("CREATE DATABASE {name}{from}");
    admin.execute_unprepared(&create).await.expect("a database");
    admin.close().await.expect("closed");
    let pool = open(server, &name).await;
    TestDatabase {
        pools: Database {
            writer: pool.clone(),
            reader: pool,
        },
        statements: Arc::default(),
        until_cut: Arc::default(),
        postgres: Some((server.to_owned(), name)),
    }
}

/// The name of a database that is migrated once for all tests of a run; to copy it is much quicker.
async fn template(server: &str, admin: &DatabaseConnection, run: &str) -> String {
    const LOCK: i64 = 0x0043_4c45_4152;
    let name = format!("clearance_template_{}", run.replace('-', ""));
    let lock = |word: &str| format!("SELECT pg_advisory_{word}({LOCK})");
    admin
        .execute_unprepared(&lock("lock"))
        .await
        .expect("locked");
    let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let known = Statement::from_string(DbBackend::Postgres, known);
    if admin.query_one_raw(known).await.expect("asked").is_none() {
        // Under another name until it is whole: a killed test leaves no half of a template.
        let draft = format!("clearance_draft_{}", ids::new().simple());
        let create = format!("CREATE DATABASE {draft}");
        admin.execute_unprepared(&create).await.expect("a database");
        let pool = open(server, &draft).await;
        migrate(&pool).await;
        pool.close().await.expect("closed");
        let rename = format!("ALTER DATABASE {draft} RENAME TO {name}");
        admin.execute_unprepared(&rename).await.expect("renamed");
    }
    admin
        .execute_unprepared(&lock("unlock"))
        .await
        .expect("unlocked");
    name
}

async fn open(server: &str, name: &str) -> DatabaseConnection {
    let (address, query) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = address.rsplit_once('/').expect("…/database");
    let mut options = ConnectOptions::new(format!("{host}/{name}?{query}"));
    options
        .max_connections(5)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(Database::STATEMENTS));
    sea_orm::Database::connect(options).await.expect("a pool")
}

async fn sqlite(folder: &Path, synchronous: SqliteSynchronous) -> Database {
    let url = format!("sqlite://{}?mode=rwc", folder.join(FILE).display());
    Database {
        writer: pool(&url, 1, move |options| options.synchronous(synchronous)).await,
        reader: pool(&url, 3, |options| options.pragma("query_only", "ON")).await,
    }
}

/// As the server opens it.
async fn pool(
    url: &str,
    connections: u32,
    more: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        more(
            sqlite
                .statement_cache_capacity(Database::STATEMENTS)
                .busy_timeout(Duration::from_secs(10))
                .journal_mode(SqliteJournalMode::Wal)
                .foreign_keys(true),
        )
    });
    sea_orm::Database::connect(options).await.expect("a pool")
}
