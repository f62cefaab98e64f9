//! What is wrong, worst first: rule, place, and what to do. Text comes from repositories and is shown as text.

use domain::gate::{Finding, Gate, Severity, Standing};
use domain::tone::Tone;
use leptos::prelude::*;

use crate::pages::waivers::address;
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

/// The table of findings. Those that block have a way to be waived, where they stand in a report.
pub(crate) fn table(findings: &[Finding], of: Option<(i64, Gate)>) -> AnyView {
    let rows: Vec<_> = findings.iter().map(|one| line(one, of)).collect();
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

/// The way to waive something that makes a report fail.
pub(super) fn waive((number, gate): (i64, Gate), finding: &str, location: &str) -> AnyView {
    let href = address(number, gate, finding, location);
    view! {
        <span class="sub">
            <a href=href>"Waive this finding…"</a>
        </span>
    }
    .into_any()
}

/// Why a finding does not block, where it would.
fn standing(standing: Standing) -> Option<AnyView> {
    let text = match standing {
        Standing::New => return None,
        Standing::Known => "Known: the version live in production has it too.",
        Standing::Suppressed => "Suppressed by a comment in the code.",
    };
    Some(view! { <span class="sub">{text}</span> }.into_any())
}

fn line(finding: &Finding, of: Option<(i64, Gate)>) -> AnyView {
    let waive = of
        .filter(|_| finding.blocks())
        .map(|of| waive(of, &finding.rule, &finding.location));
    let standing = standing(finding.standing);
    let (tone, icon, word) = drawn(finding.severity);
    let place = finding.place();
    view! {
        <tr>
            <th scope="row">
                <Status tone=tone label=word icon=icon/>
            </th>
            <td data-label="What is wrong" class="wide wrap">{finding.message.clone()} {standing} {waive}</td>
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
