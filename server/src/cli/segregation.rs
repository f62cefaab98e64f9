//! `clearance segregation`: who could approve what, who did, and where that touches the rules.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use domain::view::segregation::{ConflictRow, SegregationReport};

use super::remote::{Remote, print_lines, query};

#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    remote: Remote,
    /// A day or a time; 90 days before the end without it
    #[arg(long, default_value = "", hide_default_value = true)]
    from: String,
    /// A day, which counts whole, or a time; now without it
    #[arg(long, default_value = "", hide_default_value = true)]
    to: String,
    /// Short name of one team
    #[arg(long, default_value = "", hide_default_value = true)]
    team: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn report(report: Report) -> Result<ExitCode> {
    let server = report.remote.by_token()?;
    let asked = query(&[
        ("from", &report.from),
        ("to", &report.to),
        ("team", &report.team),
    ]);
    let path = format!("/api/v1/segregation?{asked}");
    server.show(&path, report.json, print).await
}

fn print(found: SegregationReport) {
    let team = found.team.as_deref().unwrap_or("every team");
    let mut lines = vec![format!(
        "From {} to before {}, {team}",
        found.from, found.to
    )];
    for conflict in &found.conflicts {
        let more = if conflict.not_known {
            ", not known whether there are more"
        } else {
            ""
        };
        lines.push(format!(
            "{}: {}{more}",
            conflict.kind.label(),
            conflict.rows.len()
        ));
        lines.extend(conflict.rows.iter().map(case));
    }
    for figure in &found.did {
        lines.push(format!("{}: {}", figure.kind.label(), figure.events.len()));
    }
    for row in &found.could {
        let from = row.from.as_deref().unwrap_or("not known");
        let until = row.until.as_deref().unwrap_or("now");
        lines.push(format!(
            "{}  {} in {}, {}: {from} to {until}",
            row.person,
            row.role,
            row.place.label(),
            row.via.label()
        ));
    }
    print_lines(lines);
}

fn case(row: &ConflictRow) -> String {
    let events: Vec<String> = row.events.iter().map(u64::to_string).collect();
    format!(
        "  {}  {}  events {}",
        row.person,
        row.what,
        events.join(" ")
    )
}
