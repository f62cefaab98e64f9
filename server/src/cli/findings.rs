//! `clearance findings`: what is not as it should be.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::finding::{FindingKind, FindingState, quoted};
use domain::view::finding::FindingRow;
use domain::view::page::Page;

use super::remote::{READS, Remote, known, print_list, query};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List findings, newest first; those that are open unless a state is asked for
    #[command(after_help = READS)]
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Only those of this agent
    #[arg(long, default_value = "", hide_default_value = true)]
    agent: String,
    /// Only those of this kind, or drift for all that differs from what was approved
    #[arg(long, default_value = "", hide_default_value = true)]
    kind: String,
    /// open, ignored, resolved or any
    #[arg(long, default_value = "", hide_default_value = true)]
    state: String,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let Command::List(list) = command;
    let states = [
        FindingState::Open.as_str(),
        FindingState::Ignored.as_str(),
        FindingState::Resolved.as_str(),
        "any",
    ];
    known("state", &list.state, &states)?;
    let kinds = FindingKind::ALL.iter().map(|kind| kind.as_str());
    let kinds: Vec<&str> = std::iter::once("drift").chain(kinds).collect();
    known("kind", &list.kind, &kinds)?;
    let server = list.remote.by_token()?;
    let asked = query(&[
        ("agent", &list.agent),
        ("kind", &list.kind),
        ("state", &list.state),
        ("cursor", &list.cursor),
    ]);
    let path = format!("/api/v1/findings?{asked}");
    let print =
        |page: Page<FindingRow>| print_list(page.rows.iter().map(row), page.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "F-12  Open  Other scopes  refund-assistant v1.0.0 in production: …  since …  owner …".
fn row(row: &FindingRow) -> String {
    format!(
        "{}  {}  {}  {}  since {}  owner {}{}",
        quoted(row.number),
        row.state.label(),
        row.kind.label(),
        row.what,
        row.first_seen,
        row.owner.as_deref().unwrap_or("nobody yet"),
        row.team
            .as_ref()
            .map(|team| format!(" ({team})"))
            .unwrap_or_default()
    )
}
