//! What is wrong, worst first: rule, place, and what to do. Text comes from repositories and is shown as text.

use domain::gate::{Finding, Severity};
use domain::tone::Tone;
use leptos::prelude::*;

use crate::ui::prelude::*;

/// How a severity is drawn.
const fn drawn(severity: Severity) -> (Tone, &'static str, &'static str) {
    match severity {
        Severity::Critical => (Tone::Bad, "octagon-x", "Critical"),
        Severity::High => (Tone::Bad, "circle-x", "High"),
        Severity::Medium => (Tone::Wait, "triangle-alert", "Medium"),
        Severity::Low => (Tone::Idle, "circle-alert", "Low"),
    }
}

/// The table of findings.
pub(crate) fn table(findings: &[Finding]) -> AnyView {
    let rows: Vec<_> = findings.iter().map(line).collect();
    view! {
        <Table
            caption="Findings, worst first"
            heads=&["Severity", "What is wrong", "Where", "Rule"]
            class="tbl--top tbl--stack"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn line(finding: &Finding) -> AnyView {
    let (tone, icon, word) = drawn(finding.severity);
    let place = match finding.line {
        Some(line) => format!("{}:{line}", finding.location),
        None => finding.location.clone(),
    };
    view! {
        <tr>
            <th scope="row">
                <Status tone=tone label=word icon=icon/>
            </th>
            <td data-label="What is wrong" class="wide wrap">{finding.message.clone()}</td>
            <td data-label="Where" class="wide wrap">
                <code>{place}</code>
            </td>
            <td data-label="Rule" class="wide wrap">
                <code>{finding.rule.clone()}</code>
            </td>
        </tr>
    }
    .into_any()
}
