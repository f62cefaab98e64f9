//! The workers without a server: what a look at many live deployments costs, and what failing deployments leave behind when
//! calls to the outside go wrong. Both on a real database with fakes outside, which fail on command.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figures::Figures;
use crate::proc::Cmd;
use crate::tools;

const LIVE: &str = "1000";
const FAILING: &str = "1000";
const WRITES: &str = "20000";
/// Goals for 64 callers: durable writes a second, as the time each may take, and the slow end.
const WRITE_US: f64 = 1_000_000.0 / 3_000.0;
const WRITE_P99_MS: f64 = 30.0;
/// Bytes of an event on the disk, with its change and all indexes.
const EVENT_BYTES: f64 = 1_200.0;
/// The agent of the goal: milliseconds for an answer, and questions at once.
const AGENT_MS: f64 = 50.0;
const AT_ONCE: f64 = 8.0;

/// Builds an example of the use cases, and says where it is.
pub(super) fn use_cases(profile: &str, example: &str) -> Result<PathBuf> {
    // Built beside the server, so that what both need is compiled once; run only takes one package.
    Cmd::cargo()
        .args(["build", "--profile", profile, "--package", "server"])
        .args(["--package", "control-plane", "--example", example])
        .args(["--features", "control-plane/test-support"])
        .run()?;
    Ok(tools::example_of(profile, example))
}

pub(super) fn measure(figures: &mut Figures, profile: &str) -> Result<()> {
    let said = Cmd::new(use_cases(profile, "measure")?)
        .args([LIVE, FAILING, WRITES])
        .output()?;
    let told: Value = serde_json::from_str(&said).context("the measurement said no JSON")?;
    let figure = |pointer: &str| {
        let found = told.pointer(pointer).and_then(Value::as_f64);
        found.with_context(|| format!("no {pointer} in the measurement"))
    };
    let (answers, own) = (figure("/ask/answers")?, figure("/ask/milliseconds")?);
    let agent = answers * AGENT_MS / AT_ONCE;
    let note = format!(
        "{answers} answers asked, kept and told in {own:.0} ms; an agent that takes {AGENT_MS} ms each, {AT_ONCE} at once, takes {agent:.0} ms"
    );
    let share = 100.0 * own / agent;
    figures.add(
        "asking: beside the agent's own time",
        share,
        "%",
        Some(10.0),
        &note,
    );
    let live = figure("/reconcile/live")?;
    let note = format!(
        "{live} live deployments on fakes, nothing changed; {} statements, {} calls outside",
        figure("/reconcile/statements_read")?,
        figure("/reconcile/calls_outside")?
    );
    let took = figure("/reconcile/milliseconds")?;
    figures.add("one look of every worker", took, "ms", None, &note);
    let note = format!(
        "{} failing deployments on fakes, {} calls that went wrong, {} cleaned up",
        figure("/clean_up/runs")?,
        figure("/clean_up/faults")?,
        figure("/clean_up/cleaned")?
    );
    let left = figure("/clean_up/left")?;
    figures.add("left over by clean-up", left, "things", Some(0.0), &note);
    let rate = figure("/write/a_second")?;
    let alone = figure("/write_alone/a_second")?;
    let note = format!(
        "64 callers, {rate:.0} a second, each on the disk before its caller is told; one caller alone: {alone:.0} a second"
    );
    figures.add(
        "durable change with its event",
        1_000_000.0 / rate,
        "µs",
        Some(WRITE_US),
        &note,
    );
    let note = format!("64 callers; p50 {:.1} ms", figure("/write/p50")?);
    figures.add(
        "durable change, p99",
        figure("/write/p99")?,
        "ms",
        Some(WRITE_P99_MS),
        &note,
    );
    let note = "a signed checkpoint after all of them";
    figures.add("checkpoint", figure("/write/checkpoint")?, "ms", None, note);
    let note = "a team and its event, with their indexes";
    figures.add(
        "on the disk",
        figure("/write/bytes_each")?,
        "bytes",
        Some(EVENT_BYTES),
        note,
    );
    Ok(())
}
