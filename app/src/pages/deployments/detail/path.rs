//! The stage graph: boxes for stages in one list, gates in parallel, results in words.

use domain::deployment::Step;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::view::deployment::{DeploymentDetail, GateBox, Stage, StageKey, StageStatus};
use leptos::prelude::*;

use crate::format::duration;
use crate::ui::prelude::*;

/// One box, whatever it stands for.
struct Job {
    class: &'static str,
    icon: &'static str,
    label: &'static str,
    note: String,
    /// How long it took, or the deployment that its result is carried over from.
    aside: Option<String>,
    /// `None` where nothing was written yet.
    step: Option<Step>,
    current: bool,
}

/// The whole graph.
pub(super) fn panel(found: &DeploymentDetail) -> AnyView {
    let number = found.row.number;
    let title = match found.row.environment {
        Environment::Production => "Path to production",
        Environment::NonProd => "Path to non-prod",
    };
    let report = found
        .gates
        .iter()
        .any(|gate| gate.evidence_digest.is_some());
    let report = report.then(|| {
        view! { ". " <a href=format!("/deployments/{number}/evaluation")>"Evaluation report"</a> }
    });
    let more = view! { {format!("Policy {}", found.policy)} {report} }.into_any();
    let columns = columns(found, number);
    view! {
        <Panel
            title=title
            id="path"
            note="A failed gate removes everything this deployment created."
            more=more
        >
            <ol class="pipe" aria-label="Stages" tabindex="0">
                {columns}
            </ol>
        </Panel>
    }
    .into_any()
}

/// The gates before the deployment, and those that need the agent to run. Production carries the latter over from
/// non-prod, so there they come first.
fn is_late(gate: &GateBox, found: &DeploymentDetail) -> bool {
    gate.gate.needs_agent()
        && (found.row.environment == Environment::NonProd || gate.gate == Gate::Health)
}

fn columns(found: &DeploymentDetail, number: i64) -> Vec<AnyView> {
    let stage = |key: StageKey| found.stages.iter().find(move |stage| stage.key == key);
    let (late, early): (Vec<_>, Vec<_>) = found.gates.iter().partition(|gate| is_late(gate, found));
    let pair = |a: StageKey, b: StageKey| {
        [stage(a), stage(b)]
            .into_iter()
            .flatten()
            .map(of_stage)
            .collect::<Vec<_>>()
    };
    let single = |key: StageKey| stage(key).map(of_stage).into_iter().collect::<Vec<_>>();
    let groups = vec![
        (false, pair(StageKey::Source, StageKey::Build)),
        (true, early.into_iter().map(of_gate).collect()),
        (false, single(StageKey::Approval)),
        (false, single(StageKey::Deploy)),
        (true, late.into_iter().map(of_gate).collect()),
        (false, pair(StageKey::Verify, StageKey::Live)),
    ];
    let mut columns = Vec::new();
    let mut before: Option<usize> = None;
    for (parallel, jobs) in groups {
        if jobs.is_empty() {
            continue;
        }
        let lanes = if parallel { jobs.len() } else { 1 };
        if let Some(from) = before {
            columns.push(wire(from, lanes));
        }
        before = Some(lanes);
        columns.push(column(parallel, jobs, number));
    }
    columns
}

fn column(parallel: bool, jobs: Vec<Job>, number: i64) -> AnyView {
    let stacked = !parallel && jobs.len() > 1;
    let next = jobs.iter().all(|job| job.class == "next");
    let boxes: Vec<_> = jobs.into_iter().map(|job| job.show(number)).collect();
    if stacked {
        let class = if next { "jobs jobs--next" } else { "jobs" };
        view! {
            <li class="pipe__col">
                <div class=class>{boxes}</div>
            </li>
        }
        .into_any()
    } else {
        let class = if parallel {
            "pipe__col pipe__col--gates"
        } else {
            "pipe__col"
        };
        view! { <li class=class>{boxes}</li> }.into_any()
    }
}

/// Height of a gate's box and of the step to the next, as the style sheet has them, in px at the usual text size.
const BOX: usize = 48;
const STEP: usize = 54;

/// The lines between two columns of so many boxes. One of the two is always a single box.
fn wire(from: usize, to: usize) -> AnyView {
    let lanes = from.max(to).max(1);
    let height = BOX + STEP * (lanes - 1);
    let middle = height / 2;
    let mut path = String::new();
    for lane in 0..lanes {
        let y = BOX / 2 + STEP * lane;
        let part = match (from > to, y == middle) {
            (_, true) => format!("M0 {middle}H24"),
            (false, false) => format!("M0 {middle}H12V{y}H24"),
            (true, false) => format!("M0 {y}H12V{middle}H24"),
        };
        path.push_str(&part);
    }
    view! {
        <li class="pipe__w" aria-hidden="true">
            <svg viewBox=format!("0 0 24 {height}") height=height.to_string()>
                <path d=path></path>
            </svg>
        </li>
    }
    .into_any()
}

impl Job {
    fn show(self, number: i64) -> AnyView {
        let class = format!("job job--{}", self.class);
        let took = self
            .aside
            .map(|text| view! { <span class="r">{text}</span> });
        let current = self.current.then_some("step");
        let title = self.note.clone();
        let inside = view! {
            <Icon name=self.icon/>
            <b>{self.label}</b>
            {took}
            <span class="sub" title=title>{self.note}</span>
        };
        match self.step {
            Some(step) => view! {
                <a class=class href=format!("/deployments/{number}?step={step}#log") aria-current=current>
                    {inside}
                </a>
            }
            .into_any(),
            None => view! {
                <span class=class aria-current=current>
                    {inside}
                </span>
            }
            .into_any(),
        }
    }
}

fn of_stage(stage: &Stage) -> Job {
    let reached = !matches!(stage.status, StageStatus::NotReached | StageStatus::Skipped);
    let step = match stage.key {
        StageKey::Source => Step::Source,
        StageKey::Build => Step::Build,
        StageKey::Approval => Step::Approval,
        StageKey::Deploy => Step::Deploy,
        StageKey::Verify => Step::Health,
        StageKey::Live => Step::Live,
    };
    let icon = match (stage.status, stage.key) {
        (StageStatus::Skipped, _) => "circle-minus",
        (StageStatus::NotReached | StageStatus::Waiting, StageKey::Approval) => "stamp",
        (status, _) => status.tone().icon(),
    };
    Job {
        class: if reached {
            stage.status.tone().class()
        } else {
            "next"
        },
        icon,
        label: stage.key.label(),
        note: stage.note.clone(),
        aside: stage.seconds.map(duration),
        step: reached.then_some(step),
        current: matches!(stage.status, StageStatus::Running | StageStatus::Waiting),
    }
}

fn of_gate(gate: &GateBox) -> Job {
    let (class, icon) = match (gate.verdict, gate.running) {
        // A waiver is a person's word in place of a result: the tone says so, the icon still says it is settled.
        (Some(Verdict::Waived), _) => (Verdict::Waived.tone().class(), "circle-check"),
        (Some(verdict), _) => (verdict.tone().class(), verdict.tone().icon()),
        (None, true) => ("run", "loader-circle"),
        (None, false) => ("next", "circle"),
    };
    let verdict = gate.verdict.filter(|verdict| *verdict != Verdict::Passed);
    let summary = gate.summary.trim_end_matches('.');
    let note = match verdict {
        Some(verdict) => format!("{}: {summary}", verdict.label()),
        None => summary.to_owned(),
    };
    Job {
        class,
        icon,
        label: gate.gate.label(),
        note,
        aside: match gate.carried_from {
            Some(number) => Some(format!("from #{number}")),
            None => gate.seconds.map(duration),
        },
        step: (gate.running || gate.verdict.is_some()).then(|| step_of(gate.gate)),
        current: gate.running,
    }
}

/// The step under which a gate writes its log.
pub(super) const fn step_of(gate: Gate) -> Step {
    match gate {
        Gate::StaticAnalysis => Step::StaticAnalysis,
        Gate::ImageScan => Step::ImageScan,
        Gate::ResponsibleAi => Step::ResponsibleAi,
        Gate::Hallucination => Step::Hallucination,
        Gate::Relevance => Step::Relevance,
        Gate::Health => Step::Health,
    }
}
