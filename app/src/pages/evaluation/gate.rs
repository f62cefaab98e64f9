//! One gate's report: what it concluded, what it judged with, its measures, findings and cases.

use domain::gate::{AccuracyFigure, Gate, Inconclusive, Measure, Verdict};
use domain::view::evaluation::GateReport;
use leptos::prelude::*;

use super::{cases, findings, live, plot, take};
use crate::format::{Now, count, interval, score, word};
use crate::ui::prelude::*;

/// The whole section. Its id is the gate's word, so that other pages can link to it.
pub(super) fn section(number: i64, one: GateReport, filter: &cases::Filter, now: Now) -> AnyView {
    let gate = one.report.gate;
    let heading = format!("{gate}-h");
    // What is carried over stands in the report of this deployment as well.
    let of = one.report.waivable().then_some((number, gate));
    let reason = one
        .report
        .reason
        .as_ref()
        .filter(|_| one.verdict != Verdict::Passed)
        .map(|reason| format!("{}. ", word(reason)));
    let remedy = (one.verdict == Verdict::Inconclusive)
        .then(|| one.report.reason.as_ref()?.parse::<Inconclusive>().ok())
        .flatten()
        .map(|reason| format!(" {}", reason.remedy()));
    let carried = one.carried_from.map(|number| {
        view! {
            " Carried over from "
            <a href=format!("/deployments/{number}/evaluation#{gate}")>{format!("#{number}")}</a>
            ", which ran the same version."
        }
    });
    let settled = one.settled_at.clone();
    view! {
        <section class="stack stack--3 gate" id=gate.as_str() aria-labelledby=heading.clone()>
            <div class="sec">
                <h2 id=heading.clone()>{gate.label()}</h2>
                <Status tone=one.verdict.tone() label=one.verdict.label()/>
                <span class="soft">
                    {reason}
                    {one.report.summary.clone()}
                    {remedy}
                    {carried}
                </span>
                <span class="more">
                    "Settled " <Time at=settled now=now ago=true/>
                </span>
            </div>
            {take::handed_in(gate, one.external.as_deref())}
            {basis(&one)}
            {measures(&one)}
            {live::section(gate, one.report.against_live.as_ref())}
            {accuracy(&one)}
            {(!one.report.findings.is_empty()).then(|| findings::table(&one.report.findings, of))}
            {cases::section(gate, one.report.cases, filter, of)}
        </section>
    }
    .into_any()
}

/// Without what it was judged with, a result means nothing.
fn basis(one: &GateReport) -> AnyView {
    let mut cells: Vec<_> = vec![("Engine".to_owned(), one.report.engine.clone())];
    cells.extend(
        one.report
            .basis
            .iter()
            .map(|(name, value)| (capital(name), value.clone())),
    );
    let cells: Vec<_> = cells
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{fact(value)}</dd>
                </div>
            }
        })
        .collect();
    view! {
        <dl class="strip strip--wrap">
            {cells}
            <div>
                <dt>"Evidence"</dt>
                <dd>
                    <Hash value=one.evidence_digest.clone()/>
                </dd>
            </div>
            <div>
                <dt>"Statement"</dt>
                <dd>{take::vouched(one)}</dd>
            </div>
        </dl>
    }
    .into_any()
}

/// A digest is cut like every other one; the rest is words.
fn fact(value: String) -> AnyView {
    if value.starts_with("sha256:") {
        view! { <Hash value=value/> }.into_any()
    } else {
        value.into_any()
    }
}

fn measures(one: &GateReport) -> AnyView {
    let measures = &one.report.measures;
    if measures.is_empty() {
        return ().into_any();
    }
    let before = one.live.as_ref().map_or(&[][..], |live| &live.measures);
    let all: Vec<Measure> = measures.iter().chain(before).cloned().collect();
    let scale = plot::Scale::of(&all);
    let rows: Vec<_> = measures
        .iter()
        .map(|measure| {
            let before = before.iter().find(|other| other.name == measure.name);
            line(measure, before, scale)
        })
        .collect();
    let live = match &one.live {
        Some(live) => view! {
            " Hollow: v" {live.version.clone()} ", live before, in "
            <a href=format!("/deployments/{}/evaluation#{}", live.number, one.report.gate)>
                {format!("#{}", live.number)}
            </a> ". Two separate intervals do not say whether a difference is real."
        }
        .into_any(),
        None => " Nothing was live before, so there is nothing to compare with.".into_any(),
    };
    view! {
        <Table
            caption="Measures with their 95 % intervals"
            heads=&["Measure", "Result", "#Needs", "#Score", "#95 % interval", "#Live before", "#Cases passed", "Plot"]
            class="tbl--stack"
        >
            {rows}
        </Table>
        <p class="hint">
            {format!(
                "Plot from {}. Dot and whiskers: the score and its interval. Grey: below the threshold.",
                scale.words(),
            )} {live}
        </p>
    }
    .into_any()
}

/// What the engine was measured to do, so that nobody takes a default for a guarantee.
fn accuracy(one: &GateReport) -> Option<AnyView> {
    if one.accuracy.is_empty() || one.external.is_some() {
        return None;
    }
    // Two say enough beside a verdict; the rest is a click away.
    let first = one.accuracy.iter().take(2);
    let told: Vec<String> = first.map(AccuracyFigure::sentence).collect();
    let told = told.join(" ");
    Some(
        view! {
            <p class="hint">
                {format!("This engine, as it was measured: {told} ")}
                <a href="/engines#measured">"All figures"</a>
            </p>
        }
        .into_any(),
    )
}

fn line(measure: &Measure, before: Option<&Measure>, scale: plot::Scale) -> AnyView {
    let live = match before {
        Some(before) => view! {
            {score(before.value)}
            " "
            <span class="muted">{interval(before.low, before.high)}</span>
        }
        .into_any(),
        None => view! { <span class="muted">"None"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{word(&measure.name)}</th>
            <td class="first">
                <Status tone=measure.verdict.tone() label=measure.verdict.label()/>
            </td>
            <td data-label="Needs" class="num muted">{score(measure.threshold)}</td>
            <td data-label="Score" class="num strong">{score(measure.value)}</td>
            <td data-label="95 % interval" class="num muted">{interval(measure.low, measure.high)}</td>
            <td data-label="Live before" class="num">{live}</td>
            <td data-label="Cases passed" class="num">
                {count(measure.passed.into())}
                <span class="muted">
                    {format!(" of {}", count(measure.total.into()))}
                    {measure.needed.map(|needed| format!(", {} needed", count(needed.into())))}
                </span>
            </td>
            <td class="wide plot">{plot::interval(measure, before, scale)}</td>
        </tr>
    }
    .into_any()
}

/// The first letter large; the rest as it is, because names of files are among it.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Id of a gate's part of the page.
pub(super) fn part(gate: Gate, part: &str) -> String {
    format!("{gate}-{part}")
}
