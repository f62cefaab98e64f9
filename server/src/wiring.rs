//! Puts the parts together: opens and migrates the database, loads the keys, builds the ports, starts the workers.

use std::time::Duration;

use anyhow::{Context as _, Result};
use audit_log::{HeadsFile, Signer};
use control_plane::ports::Ports;
use control_plane::{ControlPlane, Database, Settings};
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection};
use secrecy::ExposeSecret as _;

use crate::config::Config;
use crate::keys::{Keys, create_private_dir};

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// A control plane that is ready, with the keys it was made from.
#[derive(Debug, Clone)]
pub struct Wired {
    /// The use cases.
    pub cp: ControlPlane,
    /// The server's own keys.
    pub keys: Keys,
    signer: Signer,
}

impl Wired {
    /// Whether something was signed under another name of the log, and nothing under the present one.
    ///
    /// # Errors
    /// When what was signed cannot be read.
    pub fn renamed(&self) -> Result<bool> {
        Ok(self.signer.predecessor()?.is_some())
    }
}

/// Opens everything that the configuration names, with the adapters of this build.
///
/// # Errors
/// When the data folder, a key, the database or an adapter cannot be used; each says which, and what to do.
pub async fn open(config: &Config) -> Result<Wired> {
    let ports = crate::adapters::ports(config).context("the adapters could not be started")?;
    open_with(config, ports).await
}

/// Like [`open`], with ports given.
///
/// # Errors
/// As [`open`].
pub async fn open_with(config: &Config, ports: Ports) -> Result<Wired> {
    create_private_dir(&config.data_dir).with_context(|| {
        format!(
            "the data folder {} cannot be made",
            config.data_dir.display()
        )
    })?;
    let keys = Keys::load_or_create(config)?;
    let database = database(config).await?;
    let settings = Settings {
        base_url: config.base_url.clone(),
        work_dir: config.data_dir.join("work"),
        log_origin: keys.checkpoint.name().to_owned(),
        poll_seconds: config.poll_seconds,
        concurrency: config.concurrency,
        require_passkey: config.sign_in.require_passkey,
        keep_access_days: config.access.keep_days,
        owner_grace_hours: config.access.owner_grace_hours,
        access_events_per_minute: config.access.events_per_minute,
        witnesses: config.audit_log.policy(),
        anchors: config.audit_log.anchors(),
    };
    create_private_dir(&settings.work_dir)
        .with_context(|| format!("the folder {} cannot be made", settings.work_dir.display()))?;
    let signer = signer(config, &keys);
    let cp = ControlPlane::new(
        database,
        ports,
        crate::adapters::clock(config),
        settings,
        signer.clone(),
    );
    // Before anybody can change anything: is this the database whose log was signed?
    control_plane::audit::examine(&cp)
        .await
        .context("the audit log cannot be compared with what was signed of it")?;
    if cp.recovery().is_none() {
        // Agents from before the registry had an index are listed from the first request on.
        control_plane::registry::fill(&cp)
            .await
            .context("the registry's index cannot be filled")?;
    }
    Ok(Wired { cp, keys, signer })
}

/// The signer, with what it signed in a file beside its key: whoever restores the database does not restore that.
fn signer(config: &Config, keys: &Keys) -> Signer {
    let file = HeadsFile::new(config.keys_dir().join("signed-heads"));
    Signer::remembering(keys.checkpoint.clone(), file)
}

/// Opens the database and brings it up to date.
///
/// # Errors
/// When it cannot be reached, or a migration fails.
pub async fn database(config: &Config) -> Result<Database> {
    let database = connect(config).await?;
    Migrator::up(&database.writer, None)
        .await
        .context("the database could not be migrated; nothing else was changed")?;
    Ok(database)
}

/// How many migrations there are, and how many of them the database lacks.
///
/// # Errors
/// When the database cannot be reached.
pub async fn pending_migrations(config: &Config) -> Result<(usize, usize)> {
    let database = connect(config).await?;
    let pending = Migrator::get_pending_migrations(&database.writer)
        .await
        .context("the database's migrations cannot be read")?;
    Ok((Migrator::migrations().len(), pending.len()))
}

async fn connect(config: &Config) -> Result<Database> {
    let url = config.database_url.expose_secret();
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(Database::PATIENCE)
            .sqlx_logging(false)
            .map_sqlx_postgres_opts(|postgres| {
                postgres.statement_cache_capacity(Database::STATEMENTS)
            });
        let pool = open_pool(options).await?;
        return Ok(Database {
            writer: pool.clone(),
            reader: pool,
        });
    }
    anyhow::ensure!(
        url.starts_with("sqlite:"),
        "`database_url` is neither sqlite:// nor postgres://"
    );
    create_private_dir(&config.data_dir).with_context(|| {
        format!(
            "the data folder {} cannot be made",
            config.data_dir.display()
        )
    })?;
    let writer = open_pool(sqlite(url, 1, |options| options)).await?;
    let reader = open_pool(sqlite(url, SQLITE_READERS, |options| {
        options.pragma("query_only", "ON")
    }))
    .await?;
    Ok(Database { writer, reader })
}

async fn open_pool(options: ConnectOptions) -> Result<DatabaseConnection> {
    // The address may hold a password, so it is in no message.
    let mut pool = sea_orm::Database::connect(options)
        .await
        .context("the database cannot be opened; check `database_url` and that it runs")?;
    pool.set_metric_callback(|_| {
        metrics::counter!("clearance_sql_statements_total").increment(1);
    });
    Ok(pool)
}

/// One writer, because SQLite allows one; the busy timeout is set as the connection opens, before any pragma runs.
fn sqlite(
    url: &str,
    connections: u32,
    more: fn(SqliteConnectOptions) -> SqliteConnectOptions,
) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Database::PATIENCE)
        .sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        more(
            sqlite
                .statement_cache_capacity(Database::STATEMENTS)
                .busy_timeout(BUSY)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true),
        )
    });
    options
}
