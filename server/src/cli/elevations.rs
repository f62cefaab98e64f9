//! `clearance elevations`: roles held for a time. Asking, answering and ending are for a person who signs in for it.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args, Subcommand};
use domain::elevation::ElevationState;
use domain::form::elevation::{ElevationDecisionForm, ElevationForm};
use domain::view::elevation::{ElevationRow, Elevations};
use serde_json::Value;

use super::prompt;
use super::remote::{Person, READS, Remote, Server, number_of, plain, print_list, query, state_of};

const LIST: &str = "/api/v1/elevations";
const PERSON: &str = "You sign in with your password (asked for, read from standard input, or taken from CLEARANCE_PASSWORD);\n\
    the session is ended afterwards. API tokens neither ask nor answer, and never gain by an elevation.\n\
    Exit status: 0 done, 1 not confirmed, 2 refused or not answered.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List requests that wait, roles that are held for a time now, and what is over
    #[command(after_help = READS)]
    List(List),
    /// Ask for a role in a team for some hours
    #[command(after_help = PERSON)]
    Ask(Ask),
    /// Answer somebody else's request
    #[command(after_help = PERSON)]
    Decide(Decide),
    /// End a role early, or take your own request back
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
pub(super) struct Ask {
    #[command(flatten)]
    person: Person,
    /// developer or operator
    #[arg(long)]
    role: String,
    /// Short name of the team
    #[arg(long)]
    team: String,
    /// For how long from the answer on; the policy says the most
    #[arg(long)]
    hours: u32,
    /// Why, at least 10 characters
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("verdict").required(true).args(["approve", "reject"])))]
pub(super) struct Decide {
    /// Number of the request
    number: i64,
    #[command(flatten)]
    person: Person,
    /// Give the role for the hours that were asked for
    #[arg(long)]
    approve: bool,
    /// Refuse it; needs a reason
    #[arg(long)]
    reject: bool,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct End {
    /// Number of the elevation
    number: i64,
    #[command(flatten)]
    person: Person,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(list) => self::list(list).await,
        Command::Ask(ask) => self::ask(ask).await,
        Command::Decide(decide) => self::decide(decide).await,
        Command::End(end) => self::end(end).await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let server = list.remote.by_token()?;
    let path = format!("{LIST}?{}", query(&[("cursor", &list.cursor)]));
    let print = |found: Elevations| {
        // What is open stands on every page of what is over; here it is said once.
        let open = found.open.iter().filter(|_| list.cursor.is_empty());
        print_list(open.chain(&found.past).map(row), found.next.as_deref());
    };
    server.show(&path, list.json, print).await
}

/// "3  Awaiting an answer  viewer asks to be operator in payments for 2 h: …  until …".
fn row(row: &ElevationRow) -> String {
    let end = match row.state {
        ElevationState::Requested | ElevationState::Active => format!("until {}", row.until),
        ElevationState::Rejected
        | ElevationState::Withdrawn
        | ElevationState::Expired
        | ElevationState::Ended => {
            format!("over {}", row.ended_at.as_ref().unwrap_or(&row.until))
        }
    };
    format!(
        "{}  {}  {} as {} in {} for {} h: {}  {end}",
        row.number,
        row.state.label(),
        row.person,
        row.role,
        row.team,
        row.hours,
        row.reason
    )
}

async fn ask(ask: Ask) -> Result<ExitCode> {
    let form = ElevationForm {
        wanted_role: ask.role,
        team: ask.team,
        hours: ask.hours.to_string(),
        reason: ask.reason,
    };
    let asked = async |server: &Server| {
        let number = number_of(&server.post(LIST, &form).await?)?;
        println!("Asked, as request {number}. Until somebody answers nothing changes.");
        Ok(ExitCode::SUCCESS)
    };
    ask.person.acts(asked).await
}

async fn decide(decide: Decide) -> Result<ExitCode> {
    let person = &decide.person;
    person
        .acts(async |server| decided(server, &decide).await)
        .await
}

async fn decided(server: &Server, decide: &Decide) -> Result<ExitCode> {
    let found: Elevations = server.get(LIST).await?;
    let asked = found.open.iter().find(|row| row.number == decide.number);
    let asked = asked.context("there is no open request of this number that you may see")?;
    println!("{}", plain(&row(asked)));
    let (verdict, word) = if decide.approve {
        ("approve", "give")
    } else {
        ("reject", "refuse")
    };
    let question = format!("To {word} exactly this, type {}: ", decide.number);
    if prompt::answer(&question)?.trim() != decide.number.to_string() {
        eprintln!("Not confirmed. Nothing was recorded.");
        return Ok(ExitCode::FAILURE);
    }
    let form = ElevationDecisionForm {
        number: decide.number.to_string(),
        verdict: verdict.to_owned(),
        reason: decide.reason.clone(),
    };
    let path = format!("{LIST}/{}/decisions", decide.number);
    print_state(&server.post(&path, &form).await?)
}

async fn end(end: End) -> Result<ExitCode> {
    let path = format!("{LIST}/{}/end", end.number);
    let ended = async |server: &Server| {
        let nothing = ElevationDecisionForm::default();
        print_state(&server.post(&path, &nothing).await?)
    };
    end.person.acts(ended).await
}

fn print_state(told: &Value) -> Result<ExitCode> {
    let state: ElevationState = state_of(told)?;
    println!("Recorded. It is now: {}.", state.label());
    Ok(ExitCode::SUCCESS)
}
