//! `cargo xtask bench lists`: pages of the registry and of the audit trail, with few rows and with ten times as many.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::figures::Figures;
use super::workers::use_cases;
use crate::proc::{Cmd, say};
use crate::tools;

/// How many times as long a page may take at its slow end with ten times as many.
const AGENTS_GROW: f64 = 1.3;
const EVENTS_GROW: f64 = 1.2;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Agents to begin with; ten times as many are measured beside
    #[arg(long, default_value_t = 10_000)]
    agents: u64,
    /// Events to begin with; ten times as many are measured beside. Ten million take 6 GB of disk; 0 leaves the trail out
    #[arg(long, default_value_t = 100_000)]
    events: u64,
    /// Profile to build with
    #[arg(long, default_value = "release")]
    profile: String,
    /// Also write the figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let program = use_cases(&args.profile, "lists")?;
    let mut figures = Figures::new(&args.profile);
    let both = [
        ("registry", args.agents, "agents", AGENTS_GROW),
        ("trail", args.events, "events", EVENTS_GROW),
    ];
    for (what, few, unit, goal) in both {
        if few > 0 {
            let few = pages(&program, what, few, unit)?;
            let many = pages(&program, what, few.0 * 10, unit)?;
            compare(&mut figures, (what, unit), &few, &many, goal)?;
        }
    }
    figures.print();
    if let Some(file) = &args.json {
        tools::write(file, figures.json()?)?;
    }
    Ok(())
}

/// How many rows there are, and the pages that were measured with them.
type Measured = (u64, Map<String, Value>);

fn pages(program: &Path, what: &str, count: u64, unit: &str) -> Result<Measured> {
    say(format!("bench: {what} with {count} {unit}"));
    let said = Cmd::new(program)
        .args([what, &count.to_string()])
        .output()?;
    let told: Value = serde_json::from_str(&said).context("the measurement said no JSON")?;
    let pages = told.get("pages").and_then(Value::as_object);
    Ok((count, pages.context("no pages were measured")?.clone()))
}

/// The slow end with many, and beside it how much longer that is than with few.
fn compare(
    figures: &mut Figures,
    (what, unit): (&str, &str),
    few: &Measured,
    many: &Measured,
    goal: f64,
) -> Result<()> {
    for (page, slow) in &many.1 {
        let p99 = |of: &Value| of.get("p99").and_then(Value::as_f64);
        let long = p99(slow).context("no p99")?;
        let short = few.1.get(page).and_then(p99).context("no p99")?;
        let name = format!("{what}, {page}, p99");
        figures.add(name, long, "ms", None, format!("{} {unit}", many.0));
        let note = format!("{short:.1} ms with {} {unit}", few.0);
        let name = format!("{what}, {page}, grows");
        figures.add(name, long / short, "times", Some(goal), note);
    }
    Ok(())
}
