//! `clearance reviews`: who has which access, kept or taken away, and signed. Starting, deciding and signing are for a person who
//! signs in for it.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args, Subcommand};
use domain::form::review::{ReviewItemForm, SignReviewForm, StartReviewForm};
use domain::view::review::{ReviewDetail, ReviewItem, ReviewRow, Reviews};
use serde_json::Value;

use super::remote::{
    Person, READS, Remote, Server, number_of, plain, print_lines, print_list, query,
};

const LIST: &str = "/api/v1/reviews";
const PERSON: &str = "You sign in with your password (asked for, read from standard input, or taken from CLEARANCE_PASSWORD);\n\
    the session is ended afterwards. It takes an administrator; nobody decides about their own access.\n\
    Exit status: 0 done, 2 refused or not answered.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List access reviews, newest first
    #[command(after_help = READS)]
    List(List),
    /// Show a review with a page of what it lists
    #[command(after_help = READS)]
    Show(Show),
    /// Start a review of one team, or of everything
    #[command(after_help = PERSON)]
    Start(Start),
    /// Keep one access, or take it away at once
    #[command(after_help = PERSON)]
    Decide(Decide),
    /// Sign a review of which everything is decided
    #[command(after_help = PERSON)]
    SignOff(SignOff),
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
pub(super) struct Show {
    /// Number of the review
    number: i64,
    #[command(flatten)]
    remote: Remote,
    /// Only what is not decided yet
    #[arg(long)]
    undecided: bool,
    /// Go on after this place, as the page before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Start {
    #[command(flatten)]
    person: Person,
    /// Short name of one team; everything without it
    #[arg(long, default_value = "", hide_default_value = true)]
    team: String,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("choice").required(true).args(["keep", "remove"])))]
pub(super) struct Decide {
    /// Number of the review
    number: i64,
    /// Number of the item in it
    item: i64,
    #[command(flatten)]
    person: Person,
    /// It stays
    #[arg(long)]
    keep: bool,
    /// It goes, at once
    #[arg(long)]
    remove: bool,
    /// Why, at least 10 characters; needed to keep what was not used
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct SignOff {
    /// Number of the review
    number: i64,
    #[command(flatten)]
    person: Person,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(list) => self::list(list).await,
        Command::Show(show) => self::show(show).await,
        Command::Start(start) => self::start(start).await,
        Command::Decide(decide) => self::decide(decide).await,
        Command::SignOff(sign) => sign_off(sign).await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let server = list.remote.by_token()?;
    let path = format!("{LIST}?{}", query(&[("cursor", &list.cursor)]));
    let print = |found: Reviews| print_list(found.rows.iter().map(row), found.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "3  Open  everything: 12 of 40 decided, started … by …".
fn row(row: &ReviewRow) -> String {
    let signed = match (&row.signed_at, &row.signed_by) {
        (Some(at), Some(by)) => format!(", signed off {at} by {by}"),
        (None, _) | (_, None) => String::new(),
    };
    format!(
        "{}  {}  {}: {} of {} decided, started {} by {}{signed}",
        row.number,
        row.state.label(),
        row.team.as_deref().unwrap_or("everything"),
        row.decided,
        row.items,
        row.started_at,
        row.started_by
    )
}

async fn show(show: Show) -> Result<ExitCode> {
    let server = show.remote.by_token()?;
    let only = if show.undecided { "undecided" } else { "" };
    let asked = query(&[("show", only), ("cursor", &show.cursor)]);
    let path = format!("{LIST}/{}?{asked}", show.number);
    let print = |found: ReviewDetail| {
        print_lines([row(&found.row)]);
        print_list(found.items.iter().map(item), found.next.as_deref());
    };
    server.show(&path, show.json, print).await
}

/// "7  viewer  Role Viewer in payments, given … by …, not used: kept by …".
fn item(item: &ReviewItem) -> String {
    let whose = item.person.as_deref().or(item.agent.as_deref());
    let used = match (&item.last_used, item.unused) {
        (_, true) => "not used",
        (Some(_), false) => "used",
        (None, false) => "no use recorded",
    };
    let decided = match (item.verdict, &item.decided_by) {
        (Some(verdict), by) => {
            let by = by.as_deref().unwrap_or_default();
            format!("{} by {by}", verdict.label())
        }
        (None, _) => "not decided".to_owned(),
    };
    format!(
        "{}  {}  {} {} in {}, given by {}, {used}: {decided}",
        item.item,
        whose.unwrap_or("nobody"),
        item.kind.label(),
        item.what,
        item.team.as_deref().unwrap_or("every team"),
        item.given_by.as_deref().unwrap_or("somebody not known")
    )
}

async fn start(start: Start) -> Result<ExitCode> {
    let form = StartReviewForm { team: start.team };
    let started = async |server: &Server| {
        let number = number_of(&server.post(LIST, &form).await?)?;
        println!("Open, as review {number}.");
        Ok(ExitCode::SUCCESS)
    };
    start.person.acts(started).await
}

async fn decide(decide: Decide) -> Result<ExitCode> {
    let choice = if decide.keep { "keep" } else { "remove" };
    let form = ReviewItemForm {
        choice: choice.to_owned(),
        reason: decide.reason,
        ..ReviewItemForm::default()
    };
    let path = format!("{LIST}/{}/items/{}", decide.number, decide.item);
    let decided = async |server: &Server| {
        print_word(&server.post(&path, &form).await?, "verdict", "Recorded")
    };
    decide.person.acts(decided).await
}

async fn sign_off(sign: SignOff) -> Result<ExitCode> {
    let path = format!("{LIST}/{}/sign-off", sign.number);
    let signed = async |server: &Server| {
        let nothing = SignReviewForm::default();
        print_word(&server.post(&path, &nothing).await?, "digest", "Signed off")
    };
    sign.person.acts(signed).await
}

fn print_word(told: &Value, key: &str, done: &str) -> Result<ExitCode> {
    let word = told.get(key).and_then(Value::as_str);
    let word = word.context("this server answers in another way than this program knows")?;
    println!("{done}: {}.", plain(word));
    Ok(ExitCode::SUCCESS)
}
