//! Every engine behind the gates: whether it can judge today, with what, and what it was measured to do.

use domain::gate::{AccuracyFigure, Gate};
use domain::view::engine::{EngineList, EngineRow};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::engines::list_engines;
use crate::ui::prelude::*;

/// The engines.
#[component]
pub(crate) fn EnginesPage() -> impl IntoView {
    load(list_engines(), |found, viewer| body(found, viewer.now()))
}

fn body(found: EngineList, now: Now) -> AnyView {
    let sub = "What judges agents here. An engine that cannot judge makes its gate inconclusive, never passed.";
    let actions = view! {
        <LinkButton href="/engines/coverage" label="Risks and their checks" icon="folder-check"/>
    }
    .into_any();
    let Some(looked_at) = found.looked_at.clone() else {
        return view! {
            <PageHead title="Engines" sub=sub.into_any() actions=actions/>
            <Live on="engines:all"/>
            <Empty icon="cpu" title="Not looked at yet">
                <p class="soft">"The server looks at its engines within a minute of its start."</p>
            </Empty>
        }
        .into_any();
    };
    let measured = figures(&found.engines);
    view! {
        <PageHead title="Engines" sub=sub.into_any() actions=actions/>
        <Live on="engines:all"/>
        <div class="stack">
            {table(found.engines, &looked_at, now)}
            {accuracy(measured)}
        </div>
    }
    .into_any()
}

fn table(engines: Vec<EngineRow>, looked_at: &str, now: Now) -> AnyView {
    let note = counted(length(&engines), "engine", "engines");
    let more = view! { "Looked at " <Time at=looked_at.to_owned() now=now ago=true/> }.into_any();
    let rows: Vec<_> = engines.into_iter().map(line).collect();
    view! {
        <Section title="Installed" id="installed" note=note more=more>
            <Table
                caption="Engines of the gates"
                heads=&["Engine", "State", "Judges", "What it does", "Judges with"]
                class="tbl--top tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(row: EngineRow) -> AnyView {
    let gates: Vec<_> = row
        .gates
        .iter()
        .map(|gate| view! { <span class="sub">{gate.label()}</span> })
        .collect();
    let basis: Vec<_> = row
        .basis
        .into_iter()
        .map(|(name, value)| {
            let value = if value.starts_with("sha256:") {
                view! { <Hash value=value/> }.into_any()
            } else {
                value.into_any()
            };
            view! { <span class="sub">{format!("{name}: ")} {value}</span> }
        })
        .collect();
    let whose = if row.own {
        "Ships with Clearance"
    } else {
        "Yours"
    };
    view! {
        <tr>
            <th scope="row">{row.name} <span class="sub">{whose}</span></th>
            <td class="first">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Judges">{gates}</td>
            <td data-label="What it does" class="wide wrap">{row.note}</td>
            <td data-label="Judges with" class="wrap">{basis}</td>
        </tr>
    }
    .into_any()
}

/// What was measured, with the gate that it is about.
fn figures(engines: &[EngineRow]) -> Vec<(Option<Gate>, AccuracyFigure)> {
    engines
        .iter()
        .flat_map(|row| {
            let gate = row.gates.first().copied();
            row.figures.iter().map(move |figure| (gate, figure.clone()))
        })
        .collect()
}

fn accuracy(figures: Vec<(Option<Gate>, AccuracyFigure)>) -> AnyView {
    if figures.is_empty() {
        return ().into_any();
    }
    let note = counted(length(&figures), "figure", "figures");
    let rows: Vec<_> = figures.into_iter().map(measured).collect();
    view! {
        <Section title="Measured" id="measured" note=note>
            <p class="hint">
                "Measured on public data before the release, by the program that runs here. Your agents are other data: take a figure as what to expect at best."
            </p>
            <Table
                caption="What the embedded engines were measured to do"
                heads=&["Check", "Measure", "#Value", "#Cases", "Data", "Others"]
                class="tbl--top tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn measured((gate, figure): (Option<Gate>, AccuracyFigure)) -> AnyView {
    let printed: Vec<_> = figure
        .published
        .iter()
        .map(|one| {
            let text = format!("{}: {:.1} %", one.system, one.value * 100.0);
            view! { <span class="sub" title=one.source.clone()>{text}</span> }
        })
        .collect();
    view! {
        <tr>
            <th scope="row">
                {crate::format::word(&figure.check.replace('-', " "))}
                {gate.map(|gate| view! { <span class="sub">{gate.label()}</span> })}
            </th>
            <td class="first wrap">{figure.metric}</td>
            <td data-label="Value" class="num strong">{format!("{:.1} %", figure.value * 100.0)}</td>
            <td data-label="Cases" class="num">{crate::format::count(figure.cases.into())}</td>
            <td data-label="Data" class="wrap">
                {figure.data}
                <span class="sub">{figure.source}</span>
                <span class="sub">{figure.note}</span>
            </td>
            <td data-label="Others" class="wrap">{printed}</td>
        </tr>
    }
    .into_any()
}
