//! `clearance engines`: what judges agents, and what it judges with.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use domain::view::engine::{EngineList, EngineRow};

use super::remote::{Remote, print_lines};

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(list: List) -> Result<ExitCode> {
    let server = list.remote.by_token()?;
    let print = |found: EngineList| print_lines(found.engines.iter().map(row));
    server.show("/api/v1/engines", list.json, print).await
}

/// "clearance-scanning 0.1.0  Ready  Image scan: Matches the packages …".
fn row(row: &EngineRow) -> String {
    let gates: Vec<&str> = row.gates.iter().map(|gate| gate.label()).collect();
    format!(
        "{}  {}  {}: {}",
        row.name,
        row.state.label(),
        gates.join(", "),
        row.note
    )
}
