//! `cargo xtask bench`: how fast and how large the product is, measured on the real server over HTTP.
//!
//! It builds the server, starts it on a fresh temporary data folder, and does what teams and git hosts do: onboards agents
//! through the API, delivers signed pushes, opens pages. It prints figures beside their goals and judges nothing: times
//! say as much about the machine as about the program, so no test may depend on them.

mod audit_log;
mod code;
mod decisions;
mod figures;
mod gates;
mod http;
mod lists;
mod memory;
mod pages;
mod push;
mod server;
mod webhooks;
mod workers;
mod world;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::figures::Figures;
use self::server::Program;
use self::world::World;
use crate::proc::{Cmd, say};
use crate::tools;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Profile to build the server with
    #[arg(long, default_value = "release")]
    profile: String,
    /// Measure this server program instead of building one
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    binary: Option<PathBuf>,
    /// Agents in the registry while the lists are measured
    #[arg(long, default_value_t = 1_000)]
    agents: usize,
    /// Requests for each page
    #[arg(long, default_value_t = 200)]
    requests: usize,
    /// Leave out the size of the browser code, and with it the build of the bundle
    #[arg(long)]
    no_bundle: bool,
    /// Leave out what is measured without a server, and with it a build
    #[arg(long)]
    no_workers: bool,
    /// Also write the figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is measured instead of the server.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// The embedded engines of the gates, on public data
    Gates(gates::Args),
    /// The offline verifier of the audit log, on an export of any size
    AuditLog(audit_log::Args),
    /// Pages of the registry and of the audit trail, few rows beside many
    Lists(lists::Args),
}

pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.what {
        Some(What::Gates(args)) => return gates::run(args),
        Some(What::AuditLog(args)) => return audit_log::run(args),
        Some(What::Lists(args)) => return lists::run(args),
        None => {}
    }
    ensure!(args.agents >= 12, "at least 12 agents are needed");
    ensure!(args.requests >= 10, "at least 10 requests are needed");
    let profile = if args.binary.is_some() {
        "unknown, a given program"
    } else {
        &args.profile
    };
    let mut figures = Figures::new(profile);
    // The server carries the site in it, so the bundle comes first.
    if !args.no_bundle {
        code::measure(&mut figures)?;
    }
    let binary = match &args.binary {
        Some(file) => std::path::absolute(file)?,
        None => build(&args.profile)?,
    };
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let outcome = measure(args, &binary, folder.path(), &mut figures).and_then(|()| {
        if args.no_workers {
            return Ok(());
        }
        say("bench: the workers, on fakes");
        workers::measure(&mut figures, &args.profile)
    });
    // What was measured before something went wrong is worth reading too.
    figures.print();
    outcome?;
    if let Some(file) = &args.json {
        tools::write(file, figures.json()?)?;
    }
    Ok(())
}

fn build(profile: &str) -> Result<PathBuf> {
    say(format!("bench: compiling the server ({profile})"));
    Cmd::cargo()
        .args(["build", "--package", "server", "--profile", profile])
        .run()?;
    Ok(tools::clearance_binary_of(profile))
}

fn measure(args: &Args, binary: &Path, folder: &Path, figures: &mut Figures) -> Result<()> {
    say("bench: a fresh installation with one administrator");
    let mut program = Program::install(binary, folder)?;
    program.start(&[])?;
    memory::measure(figures, &program, "fresh")?;
    let mut world = World::new(&program, folder)?;

    say("bench: webhooks while ten deployments run");
    webhooks::measure(figures, &mut world)?;
    say("bench: from a push to live in non-prod, alone");
    push::measure(figures, &mut world)?;
    say("bench: access decisions");
    decisions::measure(figures, &mut world, &program.access)?;

    say(format!("bench: onboarding up to {} agents", args.agents));
    world.fill(args.agents)?;
    // Without workers nothing else asks the database, so a page's statements can be counted.
    program.stop()?;
    program.start(&["--no-workers"])?;
    world.connect(&program)?;
    say("bench: the lists");
    pages::measure(figures, &mut world, args.requests)?;
    memory::measure(figures, &program, "after the lists, without workers")
}
