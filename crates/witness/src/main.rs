//! `clearance-witness`: makes and runs a witness of audit logs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use tokio::net::TcpListener;
use witness::{Config, Folder, router};

/// A witness of audit logs: signs each tree that grew out of the last one it saw, and never another.
///
/// Run it under an account of its own, on a machine that the log's administrators do not manage: what it is worth is that they
/// cannot make it forget.
#[derive(Debug, Parser)]
#[command(name = "clearance-witness", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a witness: its key, an empty memory, and settings
    Init(Init),
    /// Print the public key, to be given to the log and to auditors
    Key(InFolder),
    /// Serve `POST /add-checkpoint` until told to stop
    Serve(InFolder),
}

#[derive(Debug, Args)]
struct InFolder {
    /// Folder of the witness
    #[arg(long, default_value = "witness", value_name = "FOLDER")]
    dir: PathBuf,
}

#[derive(Debug, Args)]
struct Init {
    #[command(flatten)]
    at: InFolder,
    /// Name in the key: a URL without a scheme, such as witness.example.com/compliance
    #[arg(long)]
    name: String,
    /// Public key of a log to follow, as it stands on its audit page. May be given several times, or later in witness.toml
    #[arg(long, value_name = "KEY")]
    log: Vec<String>,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8130")]
    addr: SocketAddr,
}

#[tokio::main]
async fn main() -> ExitCode {
    // A log that nobody reads any more is no reason to stop witnessing.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .init();
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Init(init) => {
            let config = Config {
                addr: init.addr,
                name: init.name,
                logs: init.log,
            };
            let key = Folder::new(init.at.dir).init(&config)?;
            say(&key.verifier_key().to_string())
        }
        Command::Key(at) => {
            let folder = Folder::new(at.dir);
            let key = folder.key(&folder.config()?)?;
            say(&key.verifier_key().to_string())
        }
        Command::Serve(at) => serve(&Folder::new(at.dir)).await,
    }
}

async fn serve(folder: &Folder) -> Result<()> {
    let config = folder.config()?;
    let witness = Arc::new(folder.open(&config)?);
    anyhow::ensure!(
        !config.logs.is_empty(),
        "no log is followed: put its public key into `logs` in witness.toml"
    );
    let listener = TcpListener::bind(config.addr)
        .await
        .with_context(|| format!("{} cannot be listened on", config.addr))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, logs = config.logs.len(), name = %config.name, "watching");
    axum::serve(listener, router(witness, now))
        .with_graceful_shutdown(stopped())
        .await
        .context("the witness ended")
}

/// Seconds since 1970 UTC. A clock before that says 0, which everybody can see is wrong.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this program that reads the clock; the rest is given the time"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn say(line: &str) -> Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}").context("nothing can be printed")
}

/// Resolves on Ctrl-C and, on Unix, on SIGTERM.
async fn stopped() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
