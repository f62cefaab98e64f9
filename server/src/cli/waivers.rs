//! `clearance waivers`: what is accepted until when, and giving and ending one as a person who signs in for it.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::environment::Environment;
use domain::form::waiver::{RevokeWaiverForm, WaiverForm};
use domain::gate::Gate;
use domain::view::page::Page;
use domain::view::waiver::WaiverRow;
use domain::waiver::WaiverState;
use serde_json::Value;

use super::remote::{Person, READS, Remote, Server, known, number_of, print_list, query};

const PERSON: &str = "You sign in with your password (asked for, read from standard input, or taken from CLEARANCE_PASSWORD);\n\
    the session is ended afterwards. An API token never gives or ends a waiver.\n\
    Exit status: 0 done, 2 refused or not answered.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List waivers, newest first
    #[command(after_help = READS)]
    List(List),
    /// Waive one finding of a deployment's report, until the end of a day
    #[command(after_help = PERSON)]
    Give(Give),
    /// End a waiver before its day: what leans on it no longer complies
    #[command(after_help = PERSON)]
    End(End),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Give {
    #[command(flatten)]
    person: Person,
    /// Number of the deployment in whose report the finding stands
    #[arg(long)]
    deployment: i64,
    /// Gate of the report, such as `image_scan`
    #[arg(long)]
    gate: String,
    /// Id of the rule, advisory or case
    #[arg(long)]
    finding: String,
    /// File, package or suite of the finding, as the report says it
    #[arg(long, default_value = "", hide_default_value = true)]
    location: String,
    /// Where it is accepted: `non_prod` or `production`
    #[arg(long)]
    environment: String,
    /// The last day, UTC, such as 2027-01-31
    #[arg(long, value_name = "DAY")]
    until: String,
    /// Why, at least 10 characters
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct End {
    /// Number of the waiver
    number: i64,
    #[command(flatten)]
    person: Person,
    /// Why, at least 10 characters
    #[arg(long)]
    reason: String,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(list) => self::list(list).await,
        Command::Give(give) => self::give(give).await,
        Command::End(end) => self::end(end).await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let server = list.remote.by_token()?;
    let path = format!("/api/v1/waivers?{}", query(&[("cursor", &list.cursor)]));
    let print = |page: Page<WaiverRow>| print_list(page.rows.iter().map(row), page.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "W-7  Active  refund-assistant (payments) in production  `image_scan` PYSEC-2021-1 requests 1.0  until …  by …".
fn row(row: &WaiverRow) -> String {
    let end = match row.state {
        WaiverState::Active => format!("until {}", row.ends_at),
        WaiverState::Ended => format!("ended {}", row.ends_at),
        WaiverState::Revoked => format!(
            "by {} {}",
            row.revoked_by.as_deref().unwrap_or_default(),
            row.revoked_at.as_deref().unwrap_or_default()
        ),
    };
    format!(
        "W-{}  {}  {} ({}) in {}  {} {} {}  {end}  given by {}",
        row.number,
        row.state.label(),
        row.agent,
        row.team,
        row.environment,
        row.gate,
        row.finding,
        row.location,
        row.given_by
    )
}

async fn give(give: Give) -> Result<ExitCode> {
    let gates: Vec<&str> = Gate::ALL.iter().map(|gate| gate.as_str()).collect();
    known("gate", &give.gate, &gates)?;
    let places: Vec<&str> = Environment::ALL
        .iter()
        .map(|place| place.as_str())
        .collect();
    known("environment", &give.environment, &places)?;
    let form = WaiverForm {
        deployment: give.deployment.to_string(),
        gate: give.gate,
        finding: give.finding,
        location: give.location,
        environment: give.environment,
        until: give.until,
        reason: give.reason,
    };
    let given = async |server: &Server| {
        let number = number_of(&server.post("/api/v1/waivers", &form).await?)?;
        println!("W-{number} is given.");
        Ok(ExitCode::SUCCESS)
    };
    give.person.acts(given).await
}

async fn end(end: End) -> Result<ExitCode> {
    let path = format!("/api/v1/waivers/{}/revoke", end.number);
    let form = RevokeWaiverForm {
        number: end.number.to_string(),
        reason: end.reason,
    };
    let ended = async |server: &Server| {
        server.post::<Value>(&path, &form).await?;
        println!("W-{} is ended.", form.number);
        Ok(ExitCode::SUCCESS)
    };
    end.person.acts(ended).await
}
