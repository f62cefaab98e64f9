//! `clearance evidence schedules`: which packages are made by themselves.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::controls::Framework;
use domain::form::package::{ScheduleActForm, ScheduleForm};
use domain::package::{Every, ScheduleState};
use domain::view::package::{ScheduleRow, Schedules as Found};

use crate::cli::remote::{READS, Remote, number_of, print_list, state_of};

const LIST: &str = "/api/v1/package-schedules";
const WRITES: &str = "Asks a running server with the API token in CLEARANCE_TOKEN (scopes read and write), of somebody who may export.\n\
    Exit status: 0 done, 2 not answered or refused.";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Schedules {
    /// List schedules, newest first
    #[command(after_help = READS)]
    List(List),
    /// Have a package of each month or quarter made, in UTC, when it is over
    #[command(after_help = WRITES)]
    Add(Add),
    /// Pause a schedule
    #[command(after_help = WRITES)]
    Pause(Act),
    /// Let a schedule run again, by your right; what it missed is made, of the last twelve periods
    #[command(after_help = WRITES)]
    Resume(Act),
    /// Remove a schedule; what it had made stays
    #[command(after_help = WRITES)]
    Remove(Act),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// Word of a framework
    #[arg(help = "soc2, iso27001, iso42001, hipaa, pci_dss, nist_ai_rmf or eu_ai_act")]
    framework: Framework,
    /// How often
    #[arg(long, help = "month or quarter", value_name = "PERIOD")]
    every: Every,
    /// One agent alone
    #[arg(
        long,
        value_name = "SLUG",
        default_value = "",
        hide_default_value = true
    )]
    agent: String,
    /// How many events the sample of each has
    #[arg(long, value_name = "NUMBER")]
    sample: Option<usize>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Act {
    /// Number of the schedule
    number: i64,
    #[command(flatten)]
    remote: Remote,
}

pub(in crate::cli) async fn run(command: Schedules) -> Result<ExitCode> {
    match command {
        Schedules::List(list) => self::list(list).await,
        Schedules::Add(add) => self::add(add).await,
        Schedules::Pause(one) => act(one, "pause").await,
        Schedules::Resume(one) => act(one, "resume").await,
        Schedules::Remove(one) => act(one, "remove").await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let server = list.remote.by_token()?;
    let print = |found: Found| print_list(found.rows.iter().map(line), None);
    server.show(LIST, list.json, print).await
}

/// "3  Runs  SOC 2, every agent, every quarter: next … to before …, kept by …".
fn line(row: &ScheduleRow) -> String {
    let problem = row
        .problem
        .as_deref()
        .map_or_else(String::new, |problem| format!(": {problem}"));
    format!(
        "{}  {}  {}, {}, {}, next {} to before {}, kept by {}{problem}",
        row.number,
        row.state.label(),
        row.framework.label(),
        row.agent.as_deref().unwrap_or("every agent"),
        row.every.label().to_lowercase(),
        row.next_from,
        row.next_to,
        row.kept_by
    )
}

async fn add(add: Add) -> Result<ExitCode> {
    let server = add.remote.by_token()?;
    let form = ScheduleForm {
        framework: add.framework.to_string(),
        agent: add.agent,
        every: add.every.to_string(),
        sample: add
            .sample
            .map_or_else(String::new, |number| number.to_string()),
    };
    let number = number_of(&server.post(LIST, &form).await?)?;
    println!("Added, as schedule {number}.");
    Ok(ExitCode::SUCCESS)
}

async fn act(one: Act, word: &str) -> Result<ExitCode> {
    let server = one.remote.by_token()?;
    let path = format!("{LIST}/{}/{word}", one.number);
    let told = server.post(&path, &ScheduleActForm::default()).await?;
    let state: ScheduleState = state_of(&told)?;
    println!("Schedule {}: {}.", one.number, state.label());
    Ok(ExitCode::SUCCESS)
}
