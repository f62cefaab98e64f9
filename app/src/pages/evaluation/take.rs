//! Evidence to take away: the signed bundle and how to check it, and forms that other programs open. Plain links, so that
//! they work without script.

use domain::gate::Gate;
use domain::view::evaluation::GateReport;
use leptos::prelude::*;

use crate::ui::prelude::*;

/// The panel of downloads.
pub(super) fn panel(number: i64, agent: &str, gates: &[GateReport]) -> AnyView {
    let base = format!("/api/v1/deployments/{number}/evidence");
    let verify = format!("clearance evidence verify {agent}-{number}-evidence.jsonl --key KEY");
    let before: Vec<&str> = gates
        .iter()
        .filter(|gate| !gate.attested)
        .map(|gate| gate.report.gate.label())
        .collect();
    let scanned = gates.iter().any(|gate| !gate.report.gate.needs_agent());
    let judged = gates.iter().any(|gate| !gate.report.cases.is_empty());
    view! {
        <Panel title="Take the evidence away" id="evidence">
            <div class="panel__b stack stack--3">
                <p class="soft">
                    "The bundle holds the signed statement of each gate, the SBOM and, for production, the decision. Its first line lists all others: nothing in it can be changed, added or taken away unseen."
                </p>
                <p class="take">
                    {file(&base, "Evidence bundle")}
                    {file(&format!("{base}/junit"), "JUnit XML")}
                    {file(&format!("{base}/sbom"), "CycloneDX SBOM")}
                    {scanned.then(|| file(&format!("{base}/sarif"), "Scans as SARIF"))}
                    {judged.then(|| file(&format!("{base}/cases"), "Cases as CSV"))}
                    {judged.then(|| file(&format!("{base}/inspect"), "Cases as Inspect log"))}
                </p>
                <pre class="code" tabindex="0" role="region" aria-label="Command">{verify}</pre>
                <p class="hint">
                    "It needs no server and no network. The public key stands on the page "
                    <a href="/audit#verify">"Audit"</a> "; take it from there once and keep it elsewhere."
                </p>
                {older(&before)}
            </div>
        </Panel>
    }
    .into_any()
}

/// A file, to be saved by the browser and not opened by a part of the page.
fn file(href: &str, label: &'static str) -> AnyView {
    view! {
        <a class="btn" href=href.to_owned() download="" rel="external">
            <Icon name="download"/>
            {label}
        </a>
    }
    .into_any()
}

/// Runs that are older than statements are said to be.
fn older(before: &[&str]) -> Option<AnyView> {
    (!before.is_empty()).then(|| {
        let names = before.join(", ");
        view! {
            <NoticeBar tone=domain::tone::Tone::Unknown>
                {format!(
                    "Made before Clearance signed statements: {names}. The reports are kept and signed under their digests, and the bundle lists them as not shown.",
                )}
            </NoticeBar>
        }
        .into_any()
    })
}

/// How a gate's result is vouched for, as a fact beside its digest.
pub(super) fn vouched(gate: &GateReport) -> String {
    match (&gate.external, gate.attested) {
        (Some(signer), _) => format!("Handed in and signed by {signer}"),
        (None, true) => "Signed".to_owned(),
        (None, false) => "None: made before statements".to_owned(),
    }
}

/// Says of a result that it is not an engine's of ours.
pub(super) fn handed_in(gate: Gate, signer: Option<&str>) -> Option<AnyView> {
    signer.map(|signer| {
        let words = format!(
            "{} was judged outside Clearance. {signer} signed the result, and the policy trusts it for this gate.",
            gate.label()
        );
        view! { <NoticeBar tone=domain::tone::Tone::Idle>{words}</NoticeBar> }.into_any()
    })
}
