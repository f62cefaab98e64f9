//! What the gates said about this version.

use domain::gate::Verdict;
use domain::tone::Tone;
use domain::view::approval::ApprovalDetail;
use domain::view::deployment::GateBox;
use leptos::prelude::*;

use crate::format::word;
use crate::ui::prelude::*;

/// One row for each gate.
pub(super) fn section(found: &ApprovalDetail) -> AnyView {
    let number = found.row.number;
    let settled = found
        .gates
        .iter()
        .filter(|gate| gate.verdict.is_some())
        .count();
    let passed = found
        .gates
        .iter()
        .filter(|gate| gate.verdict.is_some_and(Verdict::satisfies))
        .count();
    let note = format!("{passed} of {settled} results are enough for production");
    let rows: Vec<_> = found.gates.iter().map(|gate| line(gate, number)).collect();
    let more =
        view! { <a href=format!("/deployments/{number}/evaluation")>"Full report"</a> }.into_any();
    view! {
        <Section title="Gates" id="gates" note=note more=more>
            <Table
                caption="Gates"
                heads=&["Gate", "Result", "In words", "Ran in", "Evidence sha256"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(gate: &GateBox, number: i64) -> AnyView {
    let (tone, label) = match (gate.verdict, gate.running) {
        (Some(verdict), _) => (verdict.tone(), verdict.label()),
        (None, true) => (Tone::Run, "Running"),
        (None, false) => (Tone::Idle, "After the deployment"),
    };
    let name = gate.gate.label();
    let name = if gate.evidence_digest.is_some() {
        view! { <a class="plain" href=format!("/deployments/{number}/evaluation#{}", gate.gate)>{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    let reason = gate
        .reason
        .as_ref()
        .filter(|_| gate.verdict != Some(Verdict::Passed))
        .map(|reason| view! { <span class="sub">{word(reason)}</span> });
    let by = match gate.carried_from {
        Some(from) => {
            view! { <a href=format!("/deployments/{from}")>{format!("Deployment #{from}")}</a> }
                .into_any()
        }
        None => view! { <span class="soft">"This deployment"</span> }.into_any(),
    };
    let evidence = match &gate.evidence_digest {
        Some(digest) => view! { <Hash value=digest.clone() kind=HashKind::Bare/> }.into_any(),
        None => view! { <span class="muted">"None yet"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="first">
                <Status tone=tone label=label/>
            </td>
            <td data-label="In words" class="wide wrap">
                {gate.summary.clone()}
                {reason}
            </td>
            <td data-label="Ran in">{by}</td>
            <td data-label="Evidence sha256">{evidence}</td>
        </tr>
    }
    .into_any()
}
