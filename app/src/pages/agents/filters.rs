//! What the registry is narrowed to: the form, what stands in it, and what to do where nothing fits.

use domain::form::query::{AgentQuery, Facet, Narrowing, Sort};
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::format::{address, counted};
use crate::ui::prelude::*;

/// The list with these filters, from the first page on.
pub(super) fn place(query: &AgentQuery) -> String {
    address("/agents", &query.parts())
}

/// The form. It is sent as an address, so a list can be kept and passed on.
pub(super) fn form(query: &AgentQuery, teams: &[TeamRow]) -> AnyView {
    let clear = query
        .is_narrowed()
        .then(|| view! { <a href="/agents">"Clear filters"</a> });
    let q = query.q.clone();
    let orders = [
        (Sort::Name, "Name, A to Z"),
        (Sort::NameDown, "Name, Z to A"),
    ];
    let orders: Vec<_> = orders
        .map(|(sort, label)| (sort.as_str().to_owned(), label.to_owned()))
        .to_vec();
    let sort = query.sort.clone();
    let open = Facet::ALL
        .iter()
        .any(|facet| !query.values(*facet).is_empty());
    let facets: Vec<_> = Facet::ALL
        .iter()
        .map(|facet| choices(*facet, query, teams))
        .collect();
    view! {
        <form class="stack stack--3" method="get" action="/agents" aria-label="Filters">
            <div class="filters">
                <Field name="q" label="Name or purpose" kind="search" value=q max=200 plain=true/>
                <Select name="sort" label="Order" options=orders value=sort plain=true/>
                <button class="btn" type="submit">
                    <Icon name="list-filter"/>
                    "Apply"
                </button>
                {clear}
            </div>
            <details class="more" id="facets" open=open>
                <summary>
                    <Icon name="chevron-right" small=true/>
                    "Status, team, framework, risk"
                </summary>
                <div class="facets">{facets}</div>
            </details>
        </form>
    }
    .into_any()
}

/// The values of one filter, each to be ticked.
fn choices(facet: Facet, query: &AgentQuery, teams: &[TeamRow]) -> AnyView {
    let chosen = query.values(facet);
    let all: Vec<(String, String)> = match facet {
        Facet::Team => teams
            .iter()
            .map(|team| (team.slug.clone(), team.name.clone()))
            .collect(),
        Facet::Status | Facet::Framework | Facet::Risk => facet
            .values()
            .into_iter()
            .map(|value| (value.to_owned(), facet.value_label(value)))
            .collect(),
    };
    let boxes: Vec<_> = all
        .into_iter()
        .map(|(value, label)| {
            let ticked = chosen.contains(&value);
            view! {
                <label class="check">
                    <input type="checkbox" name=facet.as_str() value=value checked=ticked/>
                    <span>{label}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="facet">
            <legend>{facet.label()}</legend>
            {boxes}
        </fieldset>
    }
    .into_any()
}

/// What the list is narrowed to, each with the way to take it away.
pub(super) fn narrowed(query: &AgentQuery) -> AnyView {
    let mut chips = Vec::new();
    let q = query.q.trim();
    if !q.is_empty() {
        let shown = domain::text::cut(q, 30);
        chips.push(chip(
            "Name or purpose",
            shown,
            place(&query.without(None, None)),
        ));
    }
    for facet in Facet::ALL.iter().copied() {
        for value in query.values(facet) {
            let rest = query.without(Some(facet), Some(value));
            let shown = domain::text::cut(&facet.value_label(value), 30);
            chips.push(chip(facet.label(), shown, place(&rest)));
        }
    }
    if chips.is_empty() {
        return ().into_any();
    }
    view! {
        <ul class="bar" aria-label="Active filters">
            {chips}
        </ul>
    }
    .into_any()
}

fn chip(label: &'static str, shown: String, href: String) -> AnyView {
    let takes = format!("Take away: {label} {shown}");
    view! {
        <li class="filter">
            {label} " is " <b>{shown}</b>
            <a href=href aria-label=takes>
                <Icon name="x" small=true/>
            </a>
        </li>
    }
    .into_any()
}

/// Why the list is empty, and the next step.
pub(super) fn nothing(query: &AgentQuery, narrowest: Option<&Narrowing>) -> AnyView {
    if !query.is_narrowed() {
        return view! {
            <Empty icon="git-branch" title="No agent is registered yet">
                <p class="soft">
                    "An agent is a repository, a branch and a folder with clearance.yaml. Nothing runs until the first push after it is registered."
                </p>
                <LinkButton href="/agents/new" label="Onboard the first agent" icon="plus"/>
            </Empty>
        }
        .into_any();
    }
    let step = match narrowest {
        Some(one) => hides(query, one),
        None => view! { <LinkButton href="/agents" label="Clear filters"/> }.into_any(),
    };
    view! {
        <Empty icon="search" title="No agent matches these filters">
            {step}
        </Empty>
    }
    .into_any()
}

/// The filter that hides most, and the list without it.
fn hides(query: &AgentQuery, one: &Narrowing) -> AnyView {
    let name = one.facet.map_or("Name or purpose", Facet::label);
    let bound = if one.more { "More than " } else { "" };
    let shown = counted(one.shown, "agent fits", "agents fit");
    let text = format!("{bound}{shown} the other filters; this one hides most: {name}.");
    let label = format!("Take away: {name}");
    let href = place(&query.without(one.facet, None));
    view! {
        <p class="soft">{text}</p>
        <LinkButton href=href label=label/>
    }
    .into_any()
}
