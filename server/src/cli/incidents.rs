//! `clearance incidents`: what misbehaves, whose it is, and what happened since.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::event::AuditAction;
use domain::incident::{IncidentState, quoted};
use domain::view::incident::{IncidentDetail, IncidentRow};
use domain::view::page::Page;

use super::remote::{READS, Remote, known, print_lines, print_list, query};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List incidents, newest first
    #[command(after_help = READS)]
    List(List),
    /// Show one incident: where it is, who looks after it, its quarantines and its timeline
    #[command(after_help = READS)]
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Only those of this agent
    #[arg(long, default_value = "", hide_default_value = true)]
    agent: String,
    /// Only those in this state: open, mitigated or closed
    #[arg(long, default_value = "", hide_default_value = true)]
    state: String,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Number of the incident, such as 12 or INC-12
    number: String,
    #[command(flatten)]
    remote: Remote,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(list) => self::list(list).await,
        Command::Show(show) => self::show(show).await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let states: Vec<&str> = IncidentState::ALL.iter().map(|s| s.as_str()).collect();
    known("state", &list.state, &states)?;
    let server = list.remote.by_token()?;
    let asked = query(&[
        ("agent", &list.agent),
        ("state", &list.state),
        ("cursor", &list.cursor),
    ]);
    let path = format!("/api/v1/incidents?{asked}");
    let print =
        |page: Page<IncidentRow>| print_list(page.rows.iter().map(row), page.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "INC-12  Open  refund-assistant (payments) in production: …  opened … by …  owner …".
fn row(row: &IncidentRow) -> String {
    format!(
        "{}  {}  {} ({}) in {}: {}  opened {} by {}  owner {}",
        quoted(row.number),
        row.state.label(),
        row.agent,
        row.team,
        row.environment,
        row.title,
        row.opened_at,
        row.opened_by,
        row.owner.as_deref().unwrap_or("nobody yet")
    )
}

async fn show(show: Show) -> Result<ExitCode> {
    let server = show.remote.by_token()?;
    let number = domain::incident::number(&show.number);
    let number = number.ok_or_else(|| anyhow::anyhow!("write a number, such as 12 or INC-12"))?;
    let path = format!("/api/v1/incidents/{number}");
    let print = |found: IncidentDetail| print_lines(lines(&found));
    server.show(&path, show.json, print).await
}

fn lines(found: &IncidentDetail) -> Vec<String> {
    let mut lines = vec![row(&found.row)];
    lines.extend(
        found
            .live
            .as_ref()
            .map(|live| format!("Live there now: #{} v{}", live.number, live.version)),
    );
    lines.extend(found.quarantines.iter().map(|q| {
        format!(
            "Quarantine of #{}: {}, asked {} by {}: {}",
            q.deployment,
            q.state.label(),
            q.asked_at,
            q.asked_by,
            q.reason
        )
    }));
    lines.extend(
        found
            .mitigation
            .as_ref()
            .map(|how| format!("Mitigated: {how}")),
    );
    lines.extend(found.lesson.as_ref().map(|what| format!("Learnt: {what}")));
    lines.push("Since it was opened, newest first:".to_owned());
    lines.extend(found.timeline.iter().map(|event| {
        let said = event.action.parse::<AuditAction>();
        let said = said.map_or_else(|_| event.action.clone(), |action| action.label().to_owned());
        format!(
            "  {}  {}  {} {}  by {}  (event {})",
            event.time, said, event.object_type, event.object_id, event.actor, event.index
        )
    }));
    lines
}
