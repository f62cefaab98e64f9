//! Why it ended, before everything else: the sentence, the receipt, and what was found.

use domain::gate::Gate;
use domain::tone::Tone;
use domain::view::deployment::{DeploymentDetail, Failure, StageStatus};
use leptos::prelude::*;

use crate::pages::evaluation::findings;
use crate::ui::prelude::*;

/// Empty for a deployment that did not end badly.
pub(super) fn notice(found: &DeploymentDetail) -> AnyView {
    let Some(failure) = &found.failure else {
        return ().into_any();
    };
    // Judged bad, or could not be judged: the graph knows, also after the clean-up.
    let errored = found
        .stages
        .iter()
        .any(|stage| stage.status == StageStatus::Errored);
    let tone = if errored { Tone::Unknown } else { Tone::Bad };
    let judged = errored.then_some(" This says nothing about the agent: the step could not run.");
    let table = (!failure.findings.is_empty()).then(|| {
        let table = findings::table(&failure.findings, gate_of(found, failure));
        view! {
            <Section title="What was found" id="findings" note="Worst first, at most 10">
                {table}
            </Section>
        }
    });
    // Gates say themselves which they are.
    let label = failure.step.label();
    let step = (!failure.message.starts_with(label)).then(|| format!("{label}: "));
    let message = failure.message.clone();
    let (removed, links) = (removed(found), links(found, failure));
    view! {
        <NoticeBar tone=tone>
            <p>
                <b>{step}</b>
                {message}
                {judged}
            </p>
            <p class="soft">{removed} {links}</p>
        </NoticeBar>
        {table}
    }
    .into_any()
}

/// The report in which the findings stand, if it was kept.
fn gate_of(found: &DeploymentDetail, failure: &Failure) -> Option<(i64, Gate)> {
    let gates = found.gates.iter();
    gates
        .filter(|gate| gate.evidence_digest.is_some())
        .find(|gate| gate.gate.as_str() == failure.step.as_str())
        .map(|gate| (found.row.number, gate.gate))
}

/// What became of what it had made.
fn removed(found: &DeploymentDetail) -> String {
    match &found.receipt {
        Some(receipt) => format!("{}. ", receipt.sentence()),
        None if found.ledger.is_empty() => "It had made nothing. ".to_owned(),
        None => "What it made is being removed. ".to_owned(),
    }
}

fn links(found: &DeploymentDetail, failure: &Failure) -> AnyView {
    let path = format!("/deployments/{}", found.row.number);
    let evidence = found.gates.iter().any(|gate| {
        super::path::step_of(gate.gate) == failure.step && gate.evidence_digest.is_some()
    });
    let report = evidence.then(|| {
        view! {
            ". "
            <a href=format!("{path}/evaluation#{}", failure.step)>"Read the report"</a>
        }
    });
    view! {
        <a href=format!("{path}?step={}#log", failure.step)>"Read its log"</a>
        {report}
    }
    .into_any()
}
