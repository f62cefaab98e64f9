//! `clearance approvals`: what waits, what exactly is asked, and a decision by a person who signs in for it.

use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Args, Subcommand};
use domain::approval::ApprovalState;
use domain::form::approval::DecisionForm;
use domain::view::approval::{ApprovalDetail, ApprovalRow, Inbox};
use serde_json::{Value, json};

use super::prompt;
use super::remote::{
    Person, READS, Remote, Server, known, plain, print_lines, print_list, query, state_of,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List approvals: what waits for you, what waits for others, and what was settled
    #[command(after_help = READS)]
    List(List),
    /// Show one approval: what changes, who can decide, and the digest that is approved
    #[command(after_help = READS)]
    Show(Show),
    /// Decide an approval as a person: an API token never can
    #[command(
        after_help = "You sign in with your password (asked for, read from standard input, or taken from CLEARANCE_PASSWORD).\n\
        The session is kept in memory and ended afterwards. The difference and the full digest are shown, and you confirm by\n\
        typing the number of the approval.\n\
        Exit status: 0 recorded, 1 not confirmed, 2 refused or not answered."
    )]
    Decide(Decide),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Only those of this agent
    #[arg(long, default_value = "", hide_default_value = true)]
    agent: String,
    /// Only those in this state, such as open, approved, consumed, rejected, expired or stale
    #[arg(long, default_value = "", hide_default_value = true)]
    state: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Number of the approval, which is its deployment's
    number: i64,
    #[command(flatten)]
    remote: Remote,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("verdict").required(true).args(["approve", "reject"])))]
pub(super) struct Decide {
    /// Number of the approval, which is its deployment's
    number: i64,
    #[command(flatten)]
    person: Person,
    /// Approve it, with every scope that is shown as added
    #[arg(long)]
    approve: bool,
    /// Reject it; needs a reason
    #[arg(long)]
    reject: bool,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(list) => self::list(list).await,
        Command::Show(show) => self::show(show).await,
        Command::Decide(decide) => self::decide(decide).await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let words: Vec<&str> = ApprovalState::ALL.iter().map(|s| s.as_str()).collect();
    known("state", &list.state, &words)?;
    let server = list.remote.by_token()?;
    let asked = query(&[("agent", &list.agent), ("state", &list.state)]);
    let path = format!("/api/v1/approvals?{asked}");
    let print = |inbox: Inbox| {
        let rows = inbox
            .yours
            .iter()
            .chain(&inbox.others)
            .chain(&inbox.decided);
        print_list(rows.map(row), None);
        if inbox.next.is_some() {
            println!("There are more; narrow it with --agent or --state.");
        }
    };
    server.show(&path, list.json, print).await
}

/// "#4471  Awaiting approval  1 of 2  refund-assistant v2.3.0  3 files  expires …".
fn row(row: &ApprovalRow) -> String {
    let until = if row.state == ApprovalState::Open {
        format!("  expires {}", row.expires_at)
    } else {
        String::new()
    };
    format!(
        "#{}  {}  {} of {}  {} v{} ({})  {}{until}",
        row.number,
        row.state.label(),
        row.approvals,
        row.quorum,
        row.agent,
        row.version,
        row.team,
        row.changes
    )
}

async fn show(show: Show) -> Result<ExitCode> {
    let server = show.remote.by_token()?;
    let path = format!("/api/v1/approvals/{}", show.number);
    let print = |found: ApprovalDetail| print_lines(lines(&found));
    server.show(&path, show.json, print).await
}

/// What a person must see before they decide: what changes, and the digest in full.
fn lines(found: &ApprovalDetail) -> Vec<String> {
    let (at, diff) = (&found.row, &found.diff);
    let against = match &diff.live_version {
        Some(live) => format!("replaces v{live}"),
        None => "first version there".to_owned(),
    };
    let mut lines = vec![
        format!(
            "#{}  {} v{} to {}, {against}",
            at.number, at.agent, at.version, found.environment
        ),
        format!(
            "{}, {} of {} given; expires {}",
            at.state.label(),
            at.approvals,
            at.quorum,
            at.expires_at
        ),
        format!(
            "Asked for by {}; written by {}",
            found.requested_by, found.author
        ),
        format!("Rule: {}", found.rule),
    ];
    lines.extend(
        found
            .attention
            .iter()
            .map(|a| format!("! {}: {}", a.headline, a.detail)),
    );
    lines.extend(diff.added_scopes.iter().map(|s| format!("+ scope {s}")));
    lines.extend(diff.removed_scopes.iter().map(|s| format!("- scope {s}")));
    lines.extend(diff.config.iter().filter(|c| c.part != "Scope").map(|c| {
        let none = || "nothing".to_owned();
        let before = c.before.clone().unwrap_or_else(none);
        let after = c.after.clone().unwrap_or_else(none);
        format!("~ {} {}: {before} to {after}", c.part, c.name)
    }));
    let files = diff.files.iter();
    lines.extend(files.map(|f| {
        format!(
            "~ file {} (+{} -{})",
            f.path, f.added_lines, f.removed_lines
        )
    }));
    let decisions = found.decisions.iter();
    lines.extend(decisions.map(|d| format!("{} {} {}", d.name, d.verdict, d.at)));
    if !found.can_approve.is_empty() {
        lines.push(format!("Can decide: {}", found.can_approve.join(", ")));
    }
    let excluded = found.cannot_approve.iter();
    lines.extend(excluded.map(|(name, rule)| format!("Cannot: {name} {}", rule.of_other())));
    if !found.beyond.is_met() {
        lines.push(format!(
            "This rule cannot be met: {} too few.",
            found.beyond.words()
        ));
    }
    lines.push(found.if_nobody_acts.clone());
    lines.push(format!("Manifest {}", found.manifest_digest));
    lines
}

async fn decide(decide: Decide) -> Result<ExitCode> {
    let person = &decide.person;
    person
        .acts(async |server| decided(server, &decide).await)
        .await
}

async fn decided(server: &Server, decide: &Decide) -> Result<ExitCode> {
    let path = format!("/api/v1/approvals/{}", decide.number);
    let found: ApprovalDetail = server.get(&path).await?;
    print_lines(lines(&found));
    if let Some(rule) = found.row.excluded {
        anyhow::bail!("{}", rule.message());
    }
    let (verdict, word) = if decide.approve {
        ("approve", "approve")
    } else {
        ("reject", "reject")
    };
    if let Some(name) = &found.on_behalf_of {
        println!("You decide in the name of {}.", plain(name));
    }
    let question = format!("To {word} exactly this manifest, type {}: ", decide.number);
    if prompt::answer(&question)?.trim().trim_start_matches('#') != decide.number.to_string() {
        eprintln!("Not confirmed. Nothing was recorded.");
        return Ok(ExitCode::FAILURE);
    }
    let form = DecisionForm {
        number: decide.number.to_string(),
        verdict: verdict.to_owned(),
        reason: decide.reason.clone(),
        manifest_digest: found.manifest_digest,
        accepted_scopes: found.diff.added_scopes.join(" "),
        password: String::new(),
    };
    let told: Value = server
        .post(&format!("{path}/decisions"), &json!(form))
        .await?;
    let state: ApprovalState = state_of(&told)?;
    println!("Recorded. The approval is now: {}.", state.label());
    Ok(ExitCode::SUCCESS)
}
