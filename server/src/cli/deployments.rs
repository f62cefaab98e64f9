//! `clearance deployments why`, `clearance deployments online` and `clearance rollback`, over a running server's API.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::view::deployment::Conditions;
use domain::view::online::{OnlineEvaluation, OnlineWindow};
use serde_json::{Value, json};

use super::print_json;
use super::remote::{READS, Remote, number_of, print_lines, query};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say why a deployment is not further, or cannot be promoted, and what would meet each condition
    #[command(
        after_help = "Asks a running server with the API token in CLEARANCE_TOKEN (scope read).\n\
        Exit status: 0 nothing is open, 1 conditions are open, 2 not answered or refused."
    )]
    Why(Why),
    /// Say how a deployment does in production: its last scored exchanges by gate, and those that failed
    #[command(after_help = READS)]
    Online(Online),
}

#[derive(Debug, Args)]
pub(super) struct Online {
    /// Number of the deployment
    number: i64,
    #[command(flatten)]
    remote: Remote,
    /// Show exchanges with this result
    #[arg(long, default_value = "failed")]
    verdict: String,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Why {
    /// Number of the deployment
    number: i64,
    #[command(flatten)]
    remote: Remote,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// Number of the live deployment that is left
    number: i64,
    #[command(flatten)]
    remote: Remote,
    /// Why, at least 10 characters
    #[arg(long)]
    reason: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Why(why) => self::why(why).await,
        Command::Online(online) => self::online(online).await,
    }
}

async fn online(online: Online) -> Result<ExitCode> {
    let server = online.remote.by_token()?;
    let asked = query(&[("verdict", &online.verdict), ("cursor", &online.cursor)]);
    let path = format!("/api/v1/deployments/{}/online?{asked}", online.number);
    let print = |found: OnlineEvaluation| {
        let exchanges = found.exchanges.iter().map(|one| {
            let (at, gate, verdict) = (&one.at, one.gate, one.verdict.label());
            format!("{at}  {gate}  {verdict}  {}: {}", one.case_key, one.why)
        });
        let mut lines: Vec<String> = found.windows.iter().map(window).collect();
        lines.extend(exchanges);
        let next = found.next_cursor.as_ref();
        lines.extend(next.map(|cursor| format!("More with --cursor {cursor}")));
        print_lines(lines);
    };
    server.show(&path, online.json, print).await
}

/// "relevance  Passed  96 % (90 % to 99 %) of 50 cases, asked for 90 %  60 probes, 12 sampled".
fn window(one: &OnlineWindow) -> String {
    let measure = &one.measure;
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let below = one.breached_since.as_ref();
    let below = below.map_or_else(String::new, |since| format!("  below it since {since}"));
    format!(
        "{}  {}  {} ({} to {}) of {} cases, asked for {}  {} probes, {} sampled{below}",
        one.gate,
        measure.verdict.label(),
        percent(measure.value),
        percent(measure.low),
        percent(measure.high),
        measure.total,
        percent(measure.threshold),
        one.probes,
        one.sampled
    )
}

async fn why(why: Why) -> Result<ExitCode> {
    let server = why.remote.by_token()?;
    let path = format!("/api/v1/deployments/{}/conditions", why.number);
    let found: Conditions = server.get(&path).await?;
    if why.json {
        print_json(&found)?;
    } else {
        print_lines(lines(&found));
    }
    Ok(if found.open == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn lines(found: &Conditions) -> Vec<String> {
    let mut lines = vec![
        format!(
            "#{}  {} v{} in {}: {}",
            found.number,
            found.agent,
            found.version,
            found.environment.label(),
            found.state.label()
        ),
        found.title.clone(),
    ];
    for condition in &found.conditions {
        let mark = if condition.met { "ok  " } else { "open" };
        lines.push(format!("  {mark}  {}", condition.text));
        if !condition.remedy.is_empty() {
            lines.push(format!("        {}", condition.remedy));
        }
    }
    lines.push(match found.open {
        0 => "Nothing is open.".to_owned(),
        1 => "1 condition is open.".to_owned(),
        open => format!("{open} conditions are open."),
    });
    lines
}

/// Starts a rollback of a live deployment.
pub(super) async fn roll_back(rollback: Rollback) -> Result<ExitCode> {
    let server = rollback.remote.by_token()?;
    let path = format!("/api/v1/deployments/{}/rollback", rollback.number);
    let told: Value = server
        .post(&path, &json!({ "reason": rollback.reason }))
        .await?;
    let number = number_of(&told)?;
    if rollback.json {
        print_json(&told)?;
    } else {
        println!(
            "Rollback #{number} has begun. `clearance deployments why {number}` says how far it is."
        );
    }
    Ok(ExitCode::SUCCESS)
}
