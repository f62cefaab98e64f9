//! `cargo xtask bench audit-log`: how long verifying an export takes, and how much memory, whatever its size.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figures::Figures;
use crate::proc::{Cmd, say};
use crate::tools;

const PROFILE: &str = "release";
/// The goal: 10 million events in a minute and 64 MB.
const MICROSECONDS: f64 = 6.0;
const MEGABYTES: f64 = 64.0;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Events in the export; a million take 0.8 GB of disk
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Seed of what the events say
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder to write the export into and remove it from
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Also write the figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    Cmd::cargo()
        .args(["build", "--profile", PROFILE, "--package", "audit-log"])
        .args(["--example", "measure_audit_log"])
        .run()?;
    let program = tools::example_of(PROFILE, "measure_audit_log");
    let parent = args.folder.clone().unwrap_or_else(std::env::temp_dir);
    let folder = tempfile::tempdir_in(parent).context("no temporary folder")?;
    let export = folder.path().join("export");
    let (events, seed) = (args.events.to_string(), args.seed.to_string());
    say(format!("bench: an export of {events} events"));
    let told = |said: String| serde_json::from_str::<Value>(&said).context("no JSON was said");
    let written = Cmd::new(&program)
        .arg("write")
        .arg(&export)
        .args([&events, &seed])
        .output()
        .and_then(told)?;
    say("bench: verifying it");
    let verified = Cmd::new(&program)
        .arg("verify")
        .arg(&export)
        .output()
        .and_then(told)?;
    let mut figures = Figures::new(PROFILE);
    add(&mut figures, &written, &verified)?;
    figures.print();
    if let Some(file) = &args.json {
        tools::write(file, figures.json()?)?;
    }
    Ok(())
}

fn add(figures: &mut Figures, written: &Value, verified: &Value) -> Result<()> {
    let figure = |told: &Value, name: &str| {
        let found = told.get(name).and_then(Value::as_f64);
        found.with_context(|| format!("no {name} in the measurement"))
    };
    let (events, took) = (
        figure(verified, "events")?,
        figure(verified, "milliseconds")?,
    );
    let leaf = figure(written, "leaf_bytes")? / events;
    let rate = 1_000.0 * events / took;
    let note = format!("{events} events of {leaf:.0} bytes, {rate:.0} a second");
    let goal = events * MICROSECONDS / 1_000.0;
    figures.add("audit export verified", took, "ms", Some(goal), note);
    if let Ok(peak) = figure(verified, "peak_kilobytes") {
        figures.add(
            "memory at its peak",
            peak / 1_000.0,
            "MB",
            Some(MEGABYTES),
            "the verifier's process",
        );
    }
    let note = "made and written; beside the verifier, so without a goal";
    figures.add(
        "export written",
        figure(written, "milliseconds")?,
        "ms",
        None,
        note,
    );
    Ok(())
}
