//! What suites accept, and what the judges conclude.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod alike;
mod baseline;
mod bias;
mod catalogue;
mod criterion;
mod formats;
mod hallucination;
mod hostile;
mod model_judge;
mod personal_data;
mod reference;
mod refusal;
mod relevance;
mod responsible_ai;
mod score;
mod statistics;
mod suite;
mod verdict;

use domain::gate::{CaseResult, Gate, Report};
use evaluation::{Exchange, Suite, Thresholds, judge};

/// Parses a suite that is known to be right.
fn suite(gate: Gate, text: &str) -> Suite {
    Suite::parse(gate, "evals/suite.jsonl", text).unwrap()
}

/// The report of a suite whose requests are answered by `agent`, which sees the prompt. The slack is so large that suites of
/// a case or two decide: what is tested is how cases are judged, not how many it takes.
fn run(gate: Gate, text: &str, agent: impl Fn(&str) -> Result<String, String>) -> Report {
    run_with(0.75, gate, text, agent)
}

fn run_with(
    slack: f64,
    gate: Gate,
    text: &str,
    agent: impl Fn(&str) -> Result<String, String>,
) -> Report {
    let suites = [suite(gate, text)];
    let exchanges = exchanges(&suites, agent);
    judge(gate, &suites, &exchanges, &slack_of(slack))
}

fn slack_of(slack: f64) -> Thresholds {
    Thresholds {
        slack,
        ..Thresholds::default()
    }
}

fn exchanges(suites: &[Suite], agent: impl Fn(&str) -> Result<String, String>) -> Vec<Exchange> {
    suites
        .iter()
        .flat_map(Suite::requests)
        .map(|request| Exchange {
            outcome: agent(&request.prompt),
            case_id: request.case_id,
            variant: request.variant,
            trace: None,
            latency_ms: 12,
        })
        .collect()
}

/// One case of a report.
fn case<'a>(report: &'a Report, id: &str) -> &'a CaseResult {
    report.cases.iter().find(|case| case.id == id).unwrap()
}
