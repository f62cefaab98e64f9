//! "Which of the two do I need?" Two agents side by side.

use domain::agent::{Framework, Risk};
use domain::view::agent::{AgentComparison, ComparedAgent, LiveCell};
use leptos::prelude::*;

use super::table::live_version;
use crate::format::Now;
use crate::rpc::agents::compare_agents;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// Two agents that the address names.
#[component]
pub(crate) fn ComparePage() -> impl IntoView {
    let (one, other) = (asked("one"), asked("other"));
    if one.is_empty() || other.is_empty() {
        return choose(&one, &other);
    }
    load(compare_agents(one, other), move |both, viewer| {
        body(&both, &viewer)
    })
    .into_any()
}

/// The form that asks which two.
fn choose(one: &str, other: &str) -> AnyView {
    let sub = "Purpose, skills, tools, scopes and owners of two agents, side by side.";
    view! {
        <PageHead title="Compare agents" sub=sub.into_any()/>
        {form(one, other)}
    }
    .into_any()
}

fn form(one: &str, other: &str) -> AnyView {
    let (one, other) = (one.to_owned(), other.to_owned());
    view! {
        <form class="filters" method="get" action="/registry/comparison" aria-label="Which agents">
            <Field name="one" label="One agent" value=one max=200 required=true plain=true/>
            <Field name="other" label="Another" value=other max=200 required=true plain=true/>
            <button class="btn" type="submit">"Compare"</button>
        </form>
    }
    .into_any()
}

fn body(both: &AgentComparison, viewer: &Viewer) -> AnyView {
    let (one, other) = (&both.one, &both.other);
    let title = format!("{} beside {}", one.row.slug, other.row.slug);
    let shared = both.shared.said();
    let sub = match both.degree {
        Some(degree) if !shared.is_empty() => format!("{}: both have {shared}.", degree.label()),
        Some(degree) => format!("{}.", degree.label()),
        None => "Not alike by what their teams say of them.".to_owned(),
    };
    let heads = [
        "Part".to_owned(),
        one.row.slug.clone(),
        other.row.slug.clone(),
    ];
    let rows: Vec<_> = parts(viewer.now())
        .into_iter()
        .map(|(name, cell)| {
            let (left, right) = (cell(one), cell(other));
            let (first, second) = (one.row.slug.clone(), other.row.slug.clone());
            view! {
                <tr>
                    <th scope="row" class="wide">{name}</th>
                    <td data-label=first class="wrap">{left}</td>
                    <td data-label=second class="wrap">{right}</td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = heads
        .into_iter()
        .map(|head| view! { <th scope="col">{head}</th> })
        .collect();
    view! {
        <PageHead title=title sub=sub.into_any()/>
        <Live on="agent deployment"/>
        <div class="scroll" role="group" tabindex="0" aria-label="Both agents">
            <table class="tbl tbl--stack">
                <caption class="vh">"Both agents, part by part"</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {form(&one.row.slug, &other.row.slug)}
    }
    .into_any()
}

type Part = (&'static str, Box<dyn Fn(&ComparedAgent) -> AnyView>);

/// The parts, in the order in which one decides.
fn parts(now: Now) -> Vec<Part> {
    let list = |all: &[String]| {
        if all.is_empty() {
            none("None")
        } else {
            all.join(", ").into_any()
        }
    };
    vec![
        (
            "Agent",
            Box::new(|a| {
                let slug = a.row.slug.clone();
                view! { <a href=format!("/agents/{slug}")>{slug.clone()}</a> }.into_any()
            }),
        ),
        (
            "Purpose",
            Box::new(|a| text(&a.profile.purpose, "Not said yet")),
        ),
        ("Skills", Box::new(move |a| list(&a.profile.skills))),
        (
            "Tools",
            Box::new(move |a| {
                let names: Vec<String> = a.profile.tools.iter().map(|t| t.name.clone()).collect();
                list(&names)
            }),
        ),
        ("MCP servers", Box::new(move |a| list(&a.profile.servers))),
        ("Tags", Box::new(move |a| list(&a.profile.tags))),
        ("Scopes", Box::new(move |a| list(&a.scopes))),
        (
            "Production",
            Box::new(move |a| live(a.row.production.as_ref(), now)),
        ),
        (
            "Non-prod",
            Box::new(move |a| live(a.row.non_prod.as_ref(), now)),
        ),
        (
            "Framework",
            Box::new(|a| {
                a.row
                    .framework
                    .map_or("Unknown", Framework::label)
                    .into_any()
            }),
        ),
        (
            "Risk",
            Box::new(|a| a.row.risk.map_or("Unknown", Risk::label).into_any()),
        ),
        ("Team", Box::new(|a| a.row.team.clone().into_any())),
        ("Owner", Box::new(|a| text(&a.profile.owner, "Nobody"))),
        (
            "Source",
            Box::new(|a| format!("{}, {}", a.row.repository, a.row.branch).into_any()),
        ),
    ]
}

fn none(word: &'static str) -> AnyView {
    view! { <span class="muted">{word}</span> }.into_any()
}

fn text(text: &str, missing: &'static str) -> AnyView {
    if text.is_empty() {
        none(missing)
    } else {
        text.to_owned().into_any()
    }
}

fn live(cell: Option<&LiveCell>, now: Now) -> AnyView {
    let since = cell.map(|cell| cell.since.clone());
    let since = since.map(|at| view! { <span class="sub">"since " <Time at=at now=now/></span> });
    view! {
        {live_version(cell)}
        {since}
    }
    .into_any()
}
