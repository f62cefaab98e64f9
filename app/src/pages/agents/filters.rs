//! What the registry is narrowed to: the form, what stands in it, and what to do where nothing fits.

use std::collections::BTreeSet;

use domain::form::query::{AgentQuery, Facet, Narrowing, Sort};
use domain::view::agent::AgentList;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::format::{address, counted};
use crate::ui::facet::{Choice, Facet as Choices};
use crate::ui::prelude::*;

/// The list with these filters, from the first page on.
pub(super) fn place(query: &AgentQuery) -> String {
    address("/agents", &query.parts())
}

/// The id of the form, by which the filters beside it belong to it.
const FORM: &str = "filters";
/// Teams and labels that are shown at once; the rest is behind "more".
const SHOWN: usize = 8;

/// The form. It is sent as an address, so a list can be kept and passed on.
pub(super) fn form(query: &AgentQuery) -> AnyView {
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
    let chosen: usize = Facet::ALL
        .iter()
        .map(|facet| query.values(*facet).len())
        .sum();
    let menu = format!("Filters, {chosen}");
    let columns: Vec<_> = query
        .column
        .iter()
        .map(|column| view! { <input type="hidden" name="column" value=column.clone()/> })
        .collect();
    view! {
        <form class="filters" id=FORM role="search" method="get" action="/agents" aria-label="Registry">
            <Field
                name="q"
                label="What should the agent do?"
                kind="search"
                value=q
                max=200
                placeholder="For example: reconcile invoices"
                plain=true
            />
            <Select name="sort" label="Order" options=orders value=sort plain=true/>
            <button class="btn menu-btn" type="button" popovertarget="facets">
                <Icon name="list-filter"/>
                {menu}
            </button>
            <button class="btn" type="submit">
                <Icon name="search"/>
                "Search"
            </button>
            {clear}
            {columns}
        </form>
    }
    .into_any()
}

/// The filters beside the list, each value with how many agents it would show.
pub(super) fn facets(query: &AgentQuery, list: &AgentList, teams: &[TeamRow]) -> AnyView {
    let all: Vec<_> = Facet::ALL
        .iter()
        .map(|facet| choices(*facet, query, list, teams))
        .collect();
    view! {
        <aside class="facets" id="facets" popover="" aria-label="Filters">
            {all}
            <button class="btn" type="submit" form=FORM>
                "Apply filters"
            </button>
        </aside>
    }
    .into_any()
}

/// The values of one filter, each to be ticked. What would show nothing is left out, where it is not chosen.
fn choices(facet: Facet, query: &AgentQuery, list: &AgentList, teams: &[TeamRow]) -> AnyView {
    let chosen = query.values(facet);
    let all: Vec<(String, String)> = match facet {
        Facet::Team => teams
            .iter()
            .map(|team| (team.slug.clone(), team.name.clone()))
            .collect(),
        // Those that agents have, and those that are asked for.
        Facet::Label => {
            let there = list.facets.iter().filter(|one| one.facet == facet);
            let there = there.map(|one| one.value.clone());
            let all: BTreeSet<String> = there.chain(chosen.iter().cloned()).collect();
            all.into_iter()
                .map(|label| (label.clone(), label))
                .collect()
        }
        Facet::Status | Facet::Framework | Facet::Risk => facet
            .values()
            .into_iter()
            .map(|value| (value.to_owned(), facet.value_label(value)))
            .collect(),
    };
    let mut all: Vec<Choice> = all
        .into_iter()
        .map(|(value, label)| Choice {
            ticked: chosen.contains(&value),
            rows: Some(list.count(facet, &value)),
            value,
            label,
        })
        .filter(|choice| choice.rows != Some(0) || choice.ticked)
        .collect();
    if all.is_empty() {
        return ().into_any();
    }
    let open_ended = matches!(facet, Facet::Team | Facet::Label);
    if open_ended {
        // The largest first, and what is chosen before all.
        all.sort_by_key(|choice| (!choice.ticked, std::cmp::Reverse(choice.rows)));
    }
    let shown = if open_ended { SHOWN } else { usize::MAX };
    view! { <Choices name=facet.as_str() legend=facet.label() choices=all form=FORM shown=shown/> }
        .into_any()
}

/// What the list is narrowed to, each with the way to take it away.
pub(super) fn narrowed(query: &AgentQuery) -> AnyView {
    let mut chips = Vec::new();
    let q = query.q.trim();
    if !q.is_empty() {
        let shown = domain::text::cut(q, 30);
        chips.push(chip("Search", shown, place(&query.without(None, None))));
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
    view! { <Chip label=label shown=shown href=href/> }.into_any()
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
    let name = one.facet.map_or("Search", Facet::label);
    let shown = counted(one.shown, "agent fits", "agents fit");
    let text = format!("{shown} the other filters; this one hides most: {name}.");
    let label = format!("Take away: {name}");
    let href = place(&query.without(one.facet, None));
    view! {
        <p class="soft">{text}</p>
        <LinkButton href=href label=label/>
    }
    .into_any()
}
