//! `clearance evidence packages`: which packages there are, and where each is.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use domain::view::package::{PackageRow, Packages as Found};

use super::package::LIST;
use crate::cli::remote::{Remote, print_list, query};

#[derive(Debug, Args)]
pub(in crate::cli) struct Packages {
    #[command(flatten)]
    remote: Remote,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn list(args: Packages) -> Result<ExitCode> {
    let server = args.remote.by_token()?;
    let path = format!("{LIST}?{}", query(&[("cursor", &args.cursor)]));
    let print = |found: Found| print_list(found.rows.iter().map(line), found.next.as_deref());
    server.show(&path, args.json, print).await
}

/// "3  Ready  SOC 2, every agent, … to before …, ordered … by …: 120 events, 40960 bytes, sha256:…".
fn line(row: &PackageRow) -> String {
    let schedule = row
        .schedule
        .map_or_else(String::new, |number| format!(" (schedule {number})"));
    let said = row.step.as_deref().or(row.problem.as_deref());
    let made = match (row.events, row.bytes, &row.digest) {
        (Some(events), Some(bytes), Some(digest)) => {
            format!(": {events} events, {bytes} bytes, {digest}")
        }
        _ => said.map_or_else(String::new, |said| format!(": {said}")),
    };
    format!(
        "{}  {}  {}, {}, {} to before {}, ordered {} by {}{schedule}{made}",
        row.number,
        row.state.label(),
        row.framework.label(),
        row.agent.as_deref().unwrap_or("every agent"),
        row.from,
        row.to,
        row.ordered_at,
        row.ordered_by
    )
}
