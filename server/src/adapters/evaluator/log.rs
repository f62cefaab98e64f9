//! Judged cases as a log that `inspect view` reads.

use control_plane::ports::PortError;
use domain::gate::{CaseResult, Gate, Report, Verdict};
use evaluation::ENGINE;
use evaluation::formats::{Format, export};
use evaluation::row::{Expected, Input, Recorded, Row};
use serde_json::json;

use super::super::problem::rejected;

/// The cases of all reports, one sample each. The sample's id is gate, suite and case.
pub(super) fn inspect(reports: &[Report]) -> Result<String, PortError> {
    let cases = |report: &'_ Report| -> Vec<Row> {
        let rows = report.cases.iter().map(|case| row(report.gate, case));
        rows.collect()
    };
    let rows: Vec<Row> = reports.iter().flat_map(cases).collect();
    export(Format::InspectLog, &rows)
        .map_err(|error| rejected(format!("{}: {}", error.place, error.message)))
}

fn row(gate: Gate, case: &CaseResult) -> Row {
    // Inspect's own letters: correct, incorrect, no answer.
    let letter = match case.verdict {
        Verdict::Passed | Verdict::Waived => "C",
        Verdict::Failed => "I",
        Verdict::Inconclusive | Verdict::Errored => "N",
    };
    let answered = case.verdict != Verdict::Errored;
    let score = json!({ "value": letter, "answer": case.answered, "explanation": case.why });
    Row {
        id: format!("{gate}/{}/{}", case.suite, case.id),
        input: Input::Text(case.asked.clone()),
        expected: Expected {
            answers: case.expected.iter().cloned().collect(),
            ..Expected::default()
        },
        weight: 1.0,
        recorded: Some(Recorded {
            answer: answered.then(|| case.answered.clone()),
            scores: [(ENGINE.to_owned(), score)].into(),
            error: (!answered).then(|| case.why.clone()),
            ..Recorded::default()
        }),
        extra: [("metadata.milliseconds".to_owned(), json!(case.latency_ms))].into(),
        ..Row::default()
    }
}
