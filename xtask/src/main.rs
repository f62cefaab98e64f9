//! The build tool of Clearance: `cargo xtask` alone lists its commands.
//!
//! It owns set-up, the browser bundle, the checks, the test run and the measurements, and does nothing that a user could not type.
//! It refuses to guess: a missing tool is installed where that is safe, or named with the command that installs it.

mod bench;
mod bundle;
mod check;
mod icons;
mod pictures;
mod proc;
mod report;
mod site;
mod style;
mod test;
mod tools;
mod up;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Sets up, builds, serves, tests and measures Clearance.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up this machine, build everything and serve it with the demo agents
    Up(up::Args),
    /// Run every check and every test; ends with the totals
    Test(test::Args),
    /// Format, lints, dependency direction, text rules, licences and the bundle budget
    Check(check::Args),
    /// Measure the server and the browser code; prints figures beside their goals
    Bench(bench::Args),
    /// Build the browser bundle into target/site
    Bundle(bundle::Args),
    /// Take the pictures of README and docs anew, of the demo in a real browser
    Pictures,
    /// Draw public/icons.svg anew from the names in xtask/icons.txt
    Icons,
}

fn main() -> ExitCode {
    proc::start_clock();
    let result = match Cli::parse().command {
        Some(Command::Up(args)) => up::run(&args),
        Some(Command::Test(args)) => test::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Bundle(args)) => bundle::run(&args),
        Some(Command::Pictures) => pictures::run(),
        Some(Command::Icons) => icons::run(),
        None => Cli::command().print_help().map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
