//! The workers without a server: what a look at many live deployments costs, and what failing deployments leave behind when
//! calls to the outside go wrong. Both on a real database with fakes outside, which fail on command.

use anyhow::{Context, Result};
use serde_json::Value;

use super::figures::Figures;
use crate::proc::Cmd;
use crate::tools;

const LIVE: &str = "1000";
const FAILING: &str = "1000";
/// The agent of the goal: milliseconds for an answer, and questions at once.
const AGENT_MS: f64 = 50.0;
const AT_ONCE: f64 = 8.0;

pub(super) fn measure(figures: &mut Figures, profile: &str) -> Result<()> {
    // Built beside the server, so that what both need is compiled once; run only takes one package.
    Cmd::cargo()
        .args(["build", "--profile", profile, "--package", "server"])
        .args(["--package", "control-plane", "--example", "measure"])
        .args(["--features", "control-plane/test-support"])
        .run()?;
    let said = Cmd::new(tools::example_of(profile, "measure"))
        .args([LIVE, FAILING])
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
    Ok(())
}
