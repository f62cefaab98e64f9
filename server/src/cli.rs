//! The command line: what to run, and the few things that are done without a browser.

mod agents;
mod approvals;
mod audit;
mod deployments;
mod elevations;
mod engines;
mod evidence;
mod findings;
mod identities;
mod incidents;
mod judge;
mod prompt;
mod remote;
mod reviews;
mod segregation;
mod suites;
mod token;
mod user;
mod verdict;
mod waivers;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::config::{Config, Overrides};
use crate::serve::{self, Part};
use crate::{demo, telemetry, wiring};

/// Clearance, the control plane for AI agents: no agent flies without clearance.
///
/// Settings come from `clearance.toml` in the working folder, from `CLEARANCE_*` variables, and from the options here;
/// the later win.
#[derive(Debug, Parser)]
#[command(name = "clearance", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    overrides: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options that every command takes.
#[derive(Debug, Args)]
struct Options {
    /// Read this file instead of clearance.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Listen on this address [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "IP:PORT")]
    addr: Option<SocketAddr>,
    /// Keep everything in this folder [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages, API and workers (the default)
    Serve {
        /// Serve pages and API only; run `clearance worker` elsewhere
        #[arg(long)]
        no_workers: bool,
    },
    /// Run the workers only, beside servers on the same PostgreSQL database
    Worker,
    /// Bring the database up to date and end
    Migrate {
        /// Only say what is missing; exit status 1 if something is
        #[arg(long)]
        check: bool,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify or export the audit log
    #[command(subcommand)]
    Audit(audit::Command),
    /// Verify or fetch the evidence bundle of a deployment
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// Check evaluation suites before they are committed, and convert those of other tools
    #[command(subcommand)]
    Suites(suites::Command),
    /// Serve, with demo people and example agents that go the real path
    Demo(demo::Args),
    /// Add or list people
    #[command(subcommand)]
    User(user::Command),
    /// Make API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Calibrate the configured judge
    #[command(subcommand)]
    Judge(judge::Command),
    #[command(flatten)]
    Ask(Asking),
    /// Look after one running agent; started by the server, not by people
    #[command(hide = true)]
    Supervise {
        /// The runtime's folder
        dir: PathBuf,
    },
}

/// Commands that ask a running server, and need no configuration of their own.
#[derive(Debug, Subcommand)]
enum Asking {
    /// List, show and decide approvals of a running server
    #[command(subcommand)]
    Approvals(approvals::Command),
    /// Ask a running server about deployments
    #[command(subcommand)]
    Deployments(deployments::Command),
    /// List, give and end waivers of a running server
    #[command(subcommand)]
    Waivers(waivers::Command),
    /// List, ask for, decide and end roles that are held for a time, on a running server
    #[command(subcommand)]
    Elevations(elevations::Command),
    /// List, show, start and sign access reviews of a running server, and decide in them
    #[command(subcommand)]
    Reviews(reviews::Command),
    /// Show who could approve what in a period, who did, and where that touches the rules, on a running server
    #[command(after_help = remote::READS)]
    Segregation(segregation::Report),
    /// List and show incidents of a running server
    #[command(subcommand)]
    Incidents(incidents::Command),
    /// List the agents that are registered on a running server, or say what a local folder holds
    #[command(subcommand)]
    Agents(agents::Command),
    /// List findings of a running server: what is not as it should be
    #[command(subcommand)]
    Findings(findings::Command),
    /// List, show, suspend, resume and revoke the identities of agents on a running server
    #[command(subcommand)]
    Identities(identities::Command),
    /// List the engines behind the gates of a running server: whether they can judge, and with what
    #[command(after_help = remote::READS)]
    Engines(engines::List),
    /// Roll a live deployment back to the last good version, on a running server
    #[command(
        after_help = "Asks a running server with the API token in CLEARANCE_TOKEN (scopes read write; its person may roll back).\n\
        Exit status: 0 begun, 2 refused or not answered."
    )]
    Rollback(deployments::Rollback),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before anything else: this role must hold no threads and no open files of ours.
    if let Some(Command::Supervise { dir }) = &cli.command {
        return supervise(dir);
    }
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("clearance: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn supervise(dir: &Path) -> ExitCode {
    match local_runtime::supervise(dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clearance: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<ExitCode> {
    // These need no configuration, no database and no runtime.
    let command = match cli.command {
        Some(Command::Audit(audit::Command::Verify(verify))) => return audit::verify(&verify),
        Some(Command::Evidence(evidence::Command::Verify(verify))) => {
            return evidence::verify(&verify);
        }
        Some(Command::Suites(command)) => return suites::run(command),
        other => other,
    };
    install_crypto()?;
    let command = match command {
        Some(Command::Ask(asking)) => return wait(Box::pin(ask(asking))),
        Some(Command::Evidence(evidence::Command::VerifyPackage(verify))) => {
            return evidence::verify_package(&verify);
        }
        Some(Command::Evidence(evidence::Command::Package(args))) => {
            return wait(Box::pin(evidence::package(*args)));
        }
        Some(Command::Evidence(evidence::Command::Packages(args))) => {
            return wait(Box::pin(evidence::packages(args)));
        }
        Some(Command::Evidence(evidence::Command::Schedules(command))) => {
            return wait(Box::pin(evidence::schedules(command)));
        }
        Some(Command::Evidence(evidence::Command::Export(args))) => {
            return wait(Box::pin(evidence::export(args)));
        }
        other => other.unwrap_or(Command::Serve { no_workers: false }),
    };
    let Options {
        config,
        addr,
        data_dir,
    } = cli.overrides;
    let config = Config::load(&Overrides {
        file: config,
        addr,
        data_dir,
    })?;
    wait(Box::pin(run(command, &config)))
}

fn wait(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime cannot start")?;
    runtime.block_on(work)
}

/// One TLS provider for the whole process, chosen once.
fn install_crypto() -> Result<()> {
    let installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    anyhow::ensure!(installed.is_ok(), "a TLS provider is installed already");
    Ok(())
}

async fn run(command: Command, config: &Config) -> Result<ExitCode> {
    match command {
        Command::Serve { no_workers } => {
            serve(
                config,
                if no_workers {
                    Part::Web
                } else {
                    Part::Everything
                },
            )
            .await
        }
        Command::Worker => serve(config, Part::Workers).await,
        Command::Migrate { check, json } => migrate(config, check, json).await,
        Command::Audit(audit::Command::Verify(verify)) => audit::verify(&verify),
        Command::Suites(command) => suites::run(command),
        Command::Audit(audit::Command::Export(export)) => audit::export(config, &export).await,
        Command::Audit(audit::Command::Reconcile(args)) => audit::reconcile(config, &args).await,
        Command::Demo(args) => {
            telemetry::log(config);
            demo::run(config, &args).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::User(command) => user::run(config, command).await,
        Command::Token(command) => token::run(config, command).await,
        Command::Judge(command) => judge::run(config, command).await,
        Command::Ask(asking) => ask(asking).await,
        Command::Evidence(evidence::Command::Verify(args)) => evidence::verify(&args),
        Command::Evidence(evidence::Command::Export(args)) => evidence::export(args).await,
        Command::Evidence(evidence::Command::VerifyPackage(args)) => {
            evidence::verify_package(&args)
        }
        Command::Evidence(evidence::Command::Package(args)) => evidence::package(*args).await,
        Command::Evidence(evidence::Command::Packages(args)) => evidence::packages(args).await,
        Command::Evidence(evidence::Command::Schedules(command)) => {
            evidence::schedules(command).await
        }
        Command::Supervise { dir } => Ok(supervise(&dir)),
    }
}

async fn ask(asking: Asking) -> Result<ExitCode> {
    match asking {
        Asking::Approvals(command) => approvals::run(command).await,
        Asking::Deployments(command) => deployments::run(command).await,
        Asking::Waivers(command) => waivers::run(command).await,
        Asking::Elevations(command) => elevations::run(command).await,
        Asking::Reviews(command) => reviews::run(command).await,
        Asking::Segregation(report) => segregation::report(report).await,
        Asking::Incidents(command) => incidents::run(command).await,
        Asking::Agents(command) => agents::run(command).await,
        Asking::Findings(command) => findings::run(command).await,
        Asking::Identities(command) => identities::run(command).await,
        Asking::Engines(list) => engines::run(list).await,
        Asking::Rollback(args) => deployments::roll_back(args).await,
    }
}

async fn serve(config: &Config, part: Part) -> Result<ExitCode> {
    telemetry::log(config);
    let wired = wiring::open(config).await?;
    serve::run(config, &wired, part).await?;
    Ok(ExitCode::SUCCESS)
}

async fn migrate(config: &Config, check: bool, json: bool) -> Result<ExitCode> {
    let (all, pending) = wiring::pending_migrations(config).await?;
    if !check && pending > 0 {
        wiring::database(config).await?;
    }
    if json {
        print_json(
            &serde_json::json!({ "migrations": all, "pending": pending, "applied": if check { 0 } else { pending } }),
        )?;
    } else if pending == 0 {
        println!("The database is up to date: {all} migrations.");
    } else if check {
        println!("{pending} of {all} migrations are missing. Run `clearance migrate`.");
    } else {
        println!("{pending} migrations were applied; the database is up to date.");
    }
    Ok(if check && pending > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn print_json(value: &impl Serialize) -> Result<()> {
    println!(
        "{}",
        serde_json::to_string_pretty(value).context("the answer cannot be written as JSON")?
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_may_follow_the_command() {
        let cli = Cli::try_parse_from([
            "clearance",
            "demo",
            "--addr",
            "127.0.0.1:4000",
            "--data-dir",
            "x",
        ])
        .unwrap();
        assert_eq!(cli.overrides.addr.unwrap().port(), 4_000);
    }

    #[test]
    fn passwords_are_no_options() {
        for arguments in [
            ["user", "add", "--password", "x"],
            ["token", "create", "--password", "x"],
            ["approvals", "decide", "--password", "x"],
            ["waivers", "give", "--password", "x"],
            ["elevations", "ask", "--password", "x"],
        ] {
            assert!(Cli::try_parse_from(std::iter::once("clearance").chain(arguments)).is_err());
        }
    }
}
