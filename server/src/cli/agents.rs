//! `clearance agents`: what is registered.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::view::agent::{AgentRow, LiveCell};
use domain::view::page::Page;

use super::remote::{READS, Remote, print_list, query};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List agents by name. A filter takes several values with commas between them, of which one must hold
    #[command(after_help = READS)]
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Beginnings of words of the name, purpose, skills, tags, tools, MCP servers or owner: the best comes first
    #[arg(long, default_value = "", hide_default_value = true)]
    q: String,
    /// production, `non_prod` (and not in production), quarantined, never (deployed), decommissioned
    #[arg(long, default_value = "", hide_default_value = true)]
    status: String,
    /// Slugs of teams
    #[arg(long, default_value = "", hide_default_value = true)]
    team: String,
    /// langgraph, crewai, strands, lyzr, custom, unknown
    #[arg(long, default_value = "", hide_default_value = true)]
    framework: String,
    /// low, medium, high, unknown
    #[arg(long, default_value = "", hide_default_value = true)]
    risk: String,
    /// name or -name
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    sort: String,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let Command::List(list) = command;
    let server = list.remote.by_token()?;
    let asked = query(&[
        ("q", &list.q),
        ("status", &list.status),
        ("team", &list.team),
        ("framework", &list.framework),
        ("risk", &list.risk),
        ("sort", &list.sort),
        ("cursor", &list.cursor),
    ]);
    let path = format!("/api/v1/agents?{asked}");
    let print = |page: Page<AgentRow>| print_list(page.rows.iter().map(row), page.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "refund-assistant  care  production v1.0.0  non-prod v1.1.0  Answers refund questions  (Skill: explain refunds)".
fn row(row: &AgentRow) -> String {
    let live = |cell: &Option<LiveCell>| {
        let version = cell.as_ref().map(|cell| format!("v{}", cell.version));
        version.unwrap_or_else(|| "not live".to_owned())
    };
    let why = row.why.as_ref();
    let why = why.map(|why| format!("  ({}: {})", why.field.label(), why.text));
    format!(
        "{}  {}  production {}  non-prod {}  {}{}",
        row.slug,
        row.team,
        live(&row.production),
        live(&row.non_prod),
        row.description,
        why.unwrap_or_default()
    )
}
