//! The log of the chosen step, or of all. Lines are hostile text: they are shown, never interpreted.

use domain::deployment::{LogLevel, Step};
use domain::view::deployment::{DeploymentDetail, LogLine};
use leptos::prelude::*;

use super::Slice;
use super::path::step_of;
use crate::format::{Moment, address};
use crate::islands::Follow;
use crate::ui::prelude::*;

/// The panel.
pub(super) fn panel(found: &DeploymentDetail, slice: &Slice) -> AnyView {
    let number = found.row.number;
    let step: Option<Step> = slice.step.parse().ok();
    let title = step.map_or_else(|| "Log".to_owned(), |step| format!("Log: {}", step.label()));
    let label = step.map_or_else(
        || format!("Log of deployment #{number}"),
        |step| format!("Log of {}", step.label()),
    );
    let wanted = found.row.state.in_progress() && slice.before.is_empty();
    let more = more(found, slice, step, wanted);
    let content = if found.log.is_empty() {
        let text = match (step, found.row.state.in_progress()) {
            (Some(_), true) => "This step has written no line yet.",
            (Some(_), false) => "This step wrote no line.",
            (None, true) => "No line yet. The first one comes when a worker takes the deployment.",
            (None, false) => "Nothing was written.",
        };
        view! { <p class="panel__b soft">{text}</p> }.into_any()
    } else {
        view! {
            <Lines found=found.clone() slice=slice.clone() label=label/>
        }
        .into_any()
    };
    view! {
        <Panel title=title id="log" more=more>
            {content}
        </Panel>
    }
    .into_any()
}

/// Follow, earlier and newest lines, all steps, the report.
fn more(found: &DeploymentDetail, slice: &Slice, step: Option<Step>, wanted: bool) -> AnyView {
    let path = format!("/deployments/{}", found.row.number);
    let gate = found
        .gates
        .iter()
        .find(|gate| Some(step_of(gate.gate)) == step && gate.evidence_digest.is_some());
    let report = gate.map(|gate| {
        view! { <a href=format!("{path}/evaluation#{}", gate.gate)>"Report"</a> }
    });
    let earlier = found.log_before.map(|before| {
        let before = before.to_string();
        let href = address(&path, &[("step", &slice.step), ("before", &before)]);
        view! { <a href=format!("{href}#log")>"Earlier lines"</a> }
    });
    let newest = (!slice.before.is_empty()).then(|| {
        let href = address(&path, &[("step", &slice.step)]);
        view! { <a href=format!("{href}#log")>"Newest lines"</a> }
    });
    let all = step.map(|_| view! { <a href=format!("{path}#log")>"All steps"</a> });
    view! {
        <span class="log__more">
            <Follow wanted=wanted/>
            {report}
            {earlier}
            {newest}
            {all}
        </span>
    }
    .into_any()
}

/// The lines, each with its number as a permanent link.
#[component]
fn Lines(found: DeploymentDetail, slice: Slice, label: String) -> impl IntoView {
    // A link to a line of a long log names the slice it is in, so that it still finds the line later.
    let path = format!("/deployments/{}", found.row.number);
    let end = match (found.log_before, found.log.last()) {
        (Some(_), Some(last)) => (last.sequence + 1).to_string(),
        _ => slice.before.clone(),
    };
    let here = address(&path, &[("step", &slice.step), ("before", &end)]);
    let all = slice.step.is_empty();
    let lines: Vec<_> = found
        .log
        .into_iter()
        .map(|line| show(line, &here, all))
        .collect();
    view! {
        <div class="log" tabindex="0" role="log" aria-label=label aria-live="off">
            <ol>{lines}</ol>
        </div>
    }
}

fn show(line: LogLine, here: &str, all: bool) -> AnyView {
    let id = format!("L{}", line.sequence);
    let at = Moment::parse(&line.at);
    let time = at.map_or_else(|| line.at.clone(), Moment::log);
    let class = match line.level {
        LogLevel::Text => "",
        LogLevel::Good => "l--ok",
        LogLevel::Warn => "l--wait",
        LogLevel::Bad => "l--bad",
    };
    let step = all.then(|| view! { <span class="s">{line.step.label()}</span> " " });
    view! {
        <li id=id.clone()>
            <a class="n" href=format!("{here}#{id}")>
                {line.sequence.to_string()}
            </a>
            <time class="t" datetime=line.at title=at.map(Moment::exact)>{time}</time>
            <span class=class>
                {step}
                {line.text}
            </span>
        </li>
    }
    .into_any()
}
