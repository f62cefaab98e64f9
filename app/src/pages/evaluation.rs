//! "Did it pass, by what measure, and where does it fail?": every gate's stored report of one deployment.

mod cases;
pub(crate) mod findings;
mod gate;
mod live;
mod plot;
mod take;
mod trend;

use domain::environment::Environment;
use domain::gate::Verdict;
use domain::tone::Tone;
use domain::view::evaluation::{EvaluationReport, GateReport, RemovedEvidence};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::evaluation::get_evaluation;
use crate::session::Viewer;
use crate::ui::prelude::*;

pub(crate) use trend::TrendPage;

/// The report.
#[component]
pub(crate) fn EvaluationPage() -> impl IntoView {
    let filter = cases::Filter::new(&asked("result"), asked("q"));
    load(get_evaluation(part("number")), move |report, viewer| {
        body(report, &filter, &viewer)
    })
}

fn with(gates: &[GateReport], verdict: Verdict) -> usize {
    gates.iter().filter(|gate| gate.verdict == verdict).count()
}

/// The worst result names the whole: failed, then what could not be judged, then passed.
fn overall(gates: &[GateReport]) -> (Tone, String) {
    let all = gates.len();
    for verdict in [Verdict::Failed, Verdict::Errored, Verdict::Inconclusive] {
        let count = with(gates, verdict);
        if count > 0 {
            return (
                verdict.tone(),
                format!("{}, {count} of {all}", verdict.label()),
            );
        }
    }
    let good = gates.iter().filter(|gate| gate.verdict.satisfies()).count();
    (Tone::Ok, format!("Passed, {good} of {all}"))
}

fn body(report: EvaluationReport, filter: &cases::Filter, viewer: &Viewer) -> AnyView {
    let number = report.number;
    let title = format!("Evaluation of {} v{}", report.agent, report.version);
    let online = (report.environment == Environment::Production).then(|| {
        let href = format!("/deployments/{number}/online");
        view! { <LinkButton href=href label="In production" icon="flask-conical"/> }
    });
    let back = view! {
        <LinkButton href=format!("/agents/{}/evaluation", report.agent) label="Scores of all versions" icon="gauge"/>
        {online}
        <LinkButton href=format!("/deployments/{number}") label=format!("Back to #{number}") icon="arrow-left"/>
    }
    .into_any();
    let state = report.state;
    if let Some(removed) = &report.removed {
        return view! {
            <PageHead title=title actions=back/>
            {gone(removed, viewer.now())}
        }
        .into_any();
    }
    if report.gates.is_empty() {
        return view! {
            <PageHead title=title actions=back/>
            <Live on=format!("deployment:{number}")/>
            <Empty icon="flask-conical" title="No gate has a result yet">
                <p class="soft">
                    "Each gate writes its report when it ends. The deployment is: "
                    <Status tone=state.tone() label=state.label()/>
                </p>
            </Empty>
        }
        .into_any();
    }
    let live = format!("deployment:{number}");
    let (tone, words) = overall(&report.gates);
    let badges = view! { <Status tone=tone label=words boxed=true/> }.into_any();
    let sub = format!(
        "{} judged this version. Each report is kept as evidence under its digest and cannot change.",
        counted(length(&report.gates), "gate", "gates")
    );
    let toc: Vec<_> = report.gates.iter().map(jump).collect();
    let now = viewer.now();
    let take = take::panel(number, &report.agent, &report.gates);
    let judged = report.gates.iter().any(|one| !one.report.cases.is_empty());
    let filters = judged.then(|| cases::filters(number, filter));
    let sections: Vec<_> = report
        .gates
        .into_iter()
        .map(|one| gate::section(number, one, filter, now))
        .collect();
    view! {
        <PageHead title=title badges=badges sub=sub.into_any() actions=back/>
        <Live on=live/>
        <nav class="tabs" aria-label="Gates">
            {toc}
        </nav>
        {filters}
        {sections}
        {take}
    }
    .into_any()
}

/// Shown where the policy keeps the reports no longer.
fn gone(removed: &RemovedEvidence, now: Now) -> AnyView {
    let (at, version, days) = (removed.at.clone(), removed.policy_version, removed.days);
    view! {
        <Empty icon="trash-2" title="The evidence was removed">
            <p class="soft">
                <Time at=at now=now ago=true/>
                ", because "
                <a href=format!("/policies/{version}")>{format!("version {version} of the policy")}</a>
                {format!(" keeps it for {days} days after the last deployment of a version ended.")}
            </p>
            <p class="soft">
                "The verdicts are still on the page of the deployment, and the digests of the reports in the "
                <a href="/audit">"audit log"</a>
                "."
            </p>
        </Empty>
    }
    .into_any()
}

fn jump(one: &GateReport) -> AnyView {
    view! {
        <a href=format!("#{}", one.report.gate) rel="external">
            <Status tone=one.verdict.tone() label=one.report.gate.label()/>
            <span class="vh">{one.verdict.label()}</span>
        </a>
    }
    .into_any()
}
