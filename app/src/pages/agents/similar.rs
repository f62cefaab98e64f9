//! "Is it there already?" Agents that do nearly the same.

use domain::registry::Shared;
use domain::tone::Tone;
use domain::view::agent::{ClosestPair, SimilarAgents, SimilarPair, SimilarPairs};
use leptos::prelude::*;

use crate::format::{address, counted, length};
use crate::rpc::agents::similar_pairs;
use crate::ui::prelude::*;

/// Two agents side by side.
pub(super) fn beside(one: &str, other: &str) -> String {
    address("/registry/comparison", &[("one", one), ("other", other)])
}

/// Above the registry: how many pairs there are, and the closest.
pub(super) fn hint(closest: &ClosestPair) -> AnyView {
    let first = &closest.pair;
    let number = counted(closest.pairs, "pair", "pairs");
    let (one, other) = (first.one.clone(), first.other.clone());
    let href = beside(&one.0, &other.0);
    let why = why(&first.shared);
    let agent = |(slug, team): (String, String)| {
        view! {
            <a href=format!("/agents/{slug}")>{slug.clone()}</a>
            {format!(" ({team})")}
        }
    };
    view! {
        <NoticeBar tone=Tone::Idle icon="copy">
            <p>
                <b>"Possible duplicates: "</b>
                <a href="/registry/similar">{number}</a>
                ". Closest: "
                {agent(one)}
                " and "
                {agent(other)}
                {why}
                ". "
                <a href=href>"Compare"</a>
            </p>
        </NoticeBar>
    }
    .into_any()
}

/// ", which share 7 of the same 9 skills".
fn why(shared: &Shared) -> String {
    let said = shared.said();
    if said.is_empty() {
        said
    } else {
        format!(", which share {said}")
    }
}

/// On an agent's page: those that do nearly the same.
pub(super) fn panel(slug: &str, similar: &SimilarAgents) -> Option<AnyView> {
    if similar.agents.is_empty() && similar.elsewhere == 0 {
        return None;
    }
    let items: Vec<_> = similar
        .agents
        .iter()
        .map(|one| {
            let (name, team) = (one.slug.clone(), one.team.clone());
            let owner = if one.owner.is_empty() {
                team
            } else {
                format!("{}, {team}", one.owner)
            };
            let compare = format!("Compare with {name}");
            view! {
                <li>
                    <a class="plain" href=format!("/agents/{name}")>{name.clone()}</a>
                    <span class="r soft">{one.degree.label()}</span>
                    <span class="sub">{one.description.clone()}</span>
                    <span class="sub">"Shares " {one.shared.said()} ". Owned by " {owner} "."</span>
                    <span class="sub">
                        <a href=beside(slug, &name)>{compare}</a>
                    </span>
                </li>
            }
        })
        .collect();
    let elsewhere = (similar.elsewhere > 0).then(|| {
        let n = counted(similar.elsewhere, "more is", "more are");
        view! { <p class="panel__b soft">{format!("{n} in teams that you do not see.")}</p> }
    });
    Some(
        view! {
            <Panel title="Do nearly the same" id="similar">
                <ul class="rows rows--tight">{items}</ul>
                {elsewhere}
            </Panel>
        }
        .into_any(),
    )
}

/// All pairs.
#[component]
pub(crate) fn SimilarPage() -> impl IntoView {
    load(similar_pairs(), move |found, _| body(&found))
}

fn body(found: &SimilarPairs) -> AnyView {
    let sub = "Agents compared by purpose, skills, tags and tools, in the words of their teams. The closest first.";
    let rows: Vec<_> = found.pairs.iter().map(line).collect();
    let content = if rows.is_empty() {
        view! {
            <Empty icon="copy" title="No two agents do nearly the same">
                <p class="soft">"Agents are compared when a version of them describes itself anew."</p>
                <LinkButton href="/agents" label="All agents"/>
            </Empty>
        }
        .into_any()
    } else {
        let note = if found.more {
            "The closest pairs; there are more.".to_owned()
        } else {
            counted(length(&rows), "pair", "pairs")
        };
        view! {
            <p class="hint">{note}</p>
            <Table caption="Pairs of agents, the closest first" heads=&["One", "The other", "Likeness", "Both have", ""] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Similar agents" sub=sub.into_any()/>
        <Live on="agent"/>
        {content}
    }
    .into_any()
}

fn line(pair: &SimilarPair) -> AnyView {
    let href = beside(&pair.one.0, &pair.other.0);
    let label = format!("Compare {} and {}", pair.one.0, pair.other.0);
    let cell = |(slug, team): &(String, String)| {
        view! {
            <a class="plain" href=format!("/agents/{slug}")>{slug.clone()}</a>
            <span class="sub">{team.clone()}</span>
        }
    };
    view! {
        <tr>
            <th scope="row" class="wide">{cell(&pair.one)}</th>
            <td data-label="The other">{cell(&pair.other)}</td>
            <td data-label="Likeness" class="nowrap">{pair.degree.label()}</td>
            <td data-label="Both have" class="wrap">{pair.shared.said()}</td>
            <td>
                <a href=href aria-label=label>"Compare"</a>
            </td>
        </tr>
    }
    .into_any()
}
