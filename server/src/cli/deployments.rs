//! `clearance deployments why` and `clearance rollback`, over a running server's API.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::view::deployment::Conditions;
use serde_json::{Value, json};

use super::print_json;
use super::remote::{Remote, number_of, print_lines};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say why a deployment is not further, or cannot be promoted, and what would meet each condition
    #[command(
        after_help = "Asks a running server with the API token in CLEARANCE_TOKEN (scope read).\n\
        Exit status: 0 nothing is open, 1 conditions are open, 2 not answered or refused."
    )]
    Why(Why),
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
    let Command::Why(why) = command;
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
