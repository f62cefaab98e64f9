//! A database for one test: a SQLite file, or a database of a PostgreSQL server where `CLEARANCE_TEST_POSTGRES_URL` names one.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};

use crate::{Database, ids};

/// The pools of a test, and how to get rid of what they are connected to.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    pub(crate) pools: Database,
    /// Statements that were read with.
    pub(crate) statements: Arc<AtomicU64>,
    /// The server's address and the name of the test's database there.
    postgres: Option<(String, String)>,
}

impl TestDatabase {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration file; this variable is documented"
    )]
    pub(crate) async fn create(folder: &Path) -> Self {
        let mut created = match std::env::var("CLEARANCE_TEST_POSTGRES_URL") {
            Ok(server) if !server.is_empty() => postgres(&server).await,
            _ => Self {
                pools: sqlite(folder).await,
                statements: Arc::default(),
                postgres: None,
            },
        };
        let migrated = Migrator::up(&created.pools.writer, None).await;
        migrated.expect("the migrations");
        let statements = Arc::clone(&created.statements);
        created.pools.reader.set_metric_callback(move |_| {
            statements.fetch_add(1, Ordering::Relaxed);
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

async fn postgres(server: &str) -> TestDatabase {
    let name = format!("clearance_test_{}", ids::new().simple());
    let admin = sea_orm::Database::connect(server)
        .await
        .expect("the server");
    let create = format!("CREATE DATABASE {name}");
    admin.execute_unprepared(&create).await.expect("a database");
    admin.close().await.expect("closed");
    let (address, query) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = address.rsplit_once('/').expect("…/database");
    let mut options = ConnectOptions::new(format!("{host}/{name}?{query}"));
    options.max_connections(5).sqlx_logging(false);
    let pool = sea_orm::Database::connect(options).await.expect("a pool");
    TestDatabase {
        pools: Database {
            writer: pool.clone(),
            reader: pool,
        },
        statements: Arc::default(),
        postgres: Some((server.to_owned(), name)),
    }
}

async fn sqlite(folder: &Path) -> Database {
    let url = format!("sqlite://{}?mode=rwc", folder.join("test.db").display());
    Database {
        writer: pool(&url, 1, |options| options).await,
        reader: pool(&url, 3, |options| options.pragma("query_only", "ON")).await,
    }
}

/// As the server opens it, but for `synchronous`: a test does not survive a power cut.
async fn pool(
    url: &str,
    connections: u32,
    more: fn(SqliteConnectOptions) -> SqliteConnectOptions,
) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        more(
            sqlite
                .busy_timeout(Duration::from_secs(10))
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Off)
                .foreign_keys(true),
        )
    });
    sea_orm::Database::connect(options).await.expect("a pool")
}
