//! Suites in the format of another tool, and canonical rows: what a row comes to as a case of a gate.

use std::sync::Arc;

use domain::gate::Gate;
use serde_json::json;

use super::{Case, CaseBody, HallucinationCase, MAX_CASES, Suite, SuiteProblem, line};
use crate::formats::{Format, Imported, Unreadable, import};
use crate::row::{Check, Row};
use crate::score::Scorer;

/// A case whose answer is scored by the checks of its row.
#[derive(Debug, Clone)]
pub(crate) struct RowCase {
    pub(crate) prompt: String,
    pub(crate) scorers: Arc<Vec<Scorer>>,
    /// Why some check cannot be scored: the case is then never a pass.
    pub(crate) open: Vec<String>,
    pub(crate) must_pass: bool,
}

/// Reads a suite that is not in our own form.
pub(super) fn parse(
    gate: Gate,
    file_name: &str,
    format: Format,
    text: &str,
) -> Result<Suite, Vec<SuiteProblem>> {
    let imported = import(format, text.as_bytes()).map_err(|error| vec![problem(&error)])?;
    if imported.rows.len() > MAX_CASES {
        return Err(vec![whole(format!(
            "more than {MAX_CASES} cases: split the suite"
        ))]);
    }
    let Imported {
        rows,
        mut unsupported,
        ..
    } = imported;
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    for row in rows {
        if (row.weight - 1.0).abs() > f64::EPSILON {
            unsupported.push(crate::formats::Unsupported {
                place: format!("case {}", row.id),
                what: "its weight is not used: each case counts once".to_owned(),
            });
        }
        match body(gate, &row) {
            Ok(body) => cases.push(Case {
                id: row.id,
                cluster: row.cluster_id,
                body,
            }),
            Err(why) => problems.push(whole(format!(
                "case `{}`: {why}",
                crate::text::cut(&row.id, 80)
            ))),
        }
    }
    if problems.is_empty() {
        Ok(Suite {
            gate,
            file_name: file_name.to_owned(),
            cases,
            unsupported,
        })
    } else {
        problems.truncate(super::MAX_PROBLEMS);
        Err(problems)
    }
}

fn body(gate: Gate, row: &Row) -> Result<CaseBody, String> {
    let prompt = row.input.text();
    if line::check_text(1, "", "input", &prompt).is_err() {
        return Err("its input is empty or too long".to_owned());
    }
    match gate {
        Gate::Relevance => Ok(CaseBody::Row(scored(prompt, row)?)),
        Gate::Hallucination => {
            let truth: Vec<String> = row
                .context
                .iter()
                .chain(&row.expected.facts)
                .chain(&row.expected.answers)
                .cloned()
                .collect();
            if truth.is_empty() {
                return Err("it has neither context nor facts nor an expected answer to check claims against".to_owned());
            }
            Ok(CaseBody::Hallucination(HallucinationCase { prompt, truth }))
        }
        Gate::ResponsibleAi | Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => Err(
            format!("suites of the gate {gate} are written in our own form"),
        ),
    }
}

fn scored(prompt: String, row: &Row) -> Result<RowCase, String> {
    let mut checks = row.checks.clone();
    if checks.is_empty() && !row.expected.answers.is_empty() {
        checks.push(Check::new("match-any", json!(row.expected.answers)));
    }
    if !row.expected.tools.is_empty() {
        checks.push(Check::new("tool-call-f1", json!(row.expected.tools)));
    }
    if !row.expected.state.is_empty() {
        checks.push(Check::new("state", json!(row.expected.state)));
    }
    if checks.is_empty() {
        return Err("it expects nothing: add a check or an expected answer".to_owned());
    }
    let (mut scorers, mut open) = (Vec::new(), Vec::new());
    for check in &checks {
        match Scorer::of(check) {
            Ok(scorer) => scorers.push(scorer),
            Err(why) => open.push(why),
        }
    }
    Ok(RowCase {
        prompt,
        scorers: Arc::new(scorers),
        open,
        must_pass: row.must_pass,
    })
}

fn problem(error: &Unreadable) -> SuiteProblem {
    let number = |name: &str| {
        let (_, rest) = error.place.split_once(name)?;
        rest.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse::<u32>()
            .ok()
    };
    SuiteProblem {
        line: number("line ").unwrap_or(1),
        column: number("column ").unwrap_or(1),
        message: error.to_string(),
    }
}

fn whole(message: String) -> SuiteProblem {
    SuiteProblem {
        line: 1,
        column: 1,
        message,
    }
}
