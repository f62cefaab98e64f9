//! "Which agents exist, and what runs where?"

use domain::authz::Action;
use domain::form::query::{AgentQuery, Narrowing};
use domain::tone::Tone;
use domain::view::agent::{AgentRow, LiveCell};
use domain::view::page::Page;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use super::filters;
use crate::error::UiError;
use crate::format::{Now, count};
use crate::pages::then::{agents_then, at_another_time};
use crate::rpc::agents::{list_agents, narrowest_filter};
use crate::rpc::people::list_teams;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The registry, filtered by its address.
#[component]
pub(crate) fn AgentsPage() -> impl IntoView {
    let as_of = asked("as_of");
    let parts = asked_parts();
    let parts = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let query = AgentQuery {
        limit: None,
        ..AgentQuery::read(parts)
    };
    if !as_of.is_empty() {
        return agents_then(as_of, query);
    }
    load(read(query.clone()), move |found, viewer| {
        body(found, &query, &viewer)
    })
    .into_any()
}

/// What the page is made of.
struct Found {
    page: Page<AgentRow>,
    teams: Vec<TeamRow>,
    /// Where nothing is shown, the filter that hides most.
    narrowest: Option<Narrowing>,
}

async fn read(query: AgentQuery) -> Result<Found, UiError> {
    let page = list_agents(query.clone()).await?;
    let hidden = page.rows.is_empty() && query.cursor.is_empty() && query.is_narrowed();
    let narrowest = if hidden {
        narrowest_filter(&query).await?
    } else {
        None
    };
    let teams = list_teams().await?;
    Ok(Found {
        page,
        teams,
        narrowest,
    })
}

fn body(found: Found, query: &AgentQuery, viewer: &Viewer) -> AnyView {
    let Found {
        page,
        teams,
        narrowest,
    } = found;
    let sub = format!(
        "{} registered, in any environment. Look here before you build a new one.",
        count(viewer.frame().agents)
    );
    let actions = viewer.may_somewhere(Action::Create).then(|| {
        view! { <LinkButton href="/agents/new" label="Onboard agent" kind=Kind::Primary icon="plus"/> }.into_any()
    });
    let now = viewer.now();
    let content = if page.rows.is_empty() {
        filters::nothing(query, narrowest.as_ref())
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Registered agents"
                heads=&["Agent", "Production", "Non-prod", "Last deployment", "Team", "Framework", "Risk", "Repository"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Registry" sub=sub.into_any() actions=actions.unwrap_or_else(|| ().into_any())/>
        <Live on="agent deployment"/>
        {filters::form(query, &teams)}
        {filters::narrowed(query)}
        {content}
        <Pager next=page.next here=filters::place(query) paged=!query.cursor.is_empty()/>
        {at_another_time("/agents")}
    }
    .into_any()
}

fn line(row: AgentRow, now: Now) -> AnyView {
    let last = match row.last {
        Some(cell) => view! {
            <a class="plain" href=format!("/deployments/{}", cell.number)>
                <Status tone=cell.state.tone() label=cell.state.label()/>
            </a>
            <span class="sub">
                {format!("#{} v{}, ", cell.number, cell.version)} <Ago at=cell.at now=now/>
            </span>
        }
        .into_any(),
        None => view! { <span class="muted">"None yet"</span> }.into_any(),
    };
    let ended = row
        .decommissioned
        .then(|| view! { " " <span class="tag">"Decommissioned"</span> });
    let framework = row
        .framework
        .map_or("Unknown", domain::agent::Framework::label);
    let risk = row.risk.map_or("Unknown", domain::agent::Risk::label);
    let (repository, branch) = (row.repository.clone(), row.branch);
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=format!("/agents/{}", row.slug)>
                    {row.slug.clone()}
                </a>
                {ended}
                <span class="sub sub--text">{row.description}</span>
            </th>
            <td data-label="Production">{live(row.production, now)}</td>
            <td data-label="Non-prod">{live(row.non_prod, now)}</td>
            <td data-label="Last deployment">{last}</td>
            <td data-label="Team" class="nowrap">{row.team}</td>
            <td data-label="Framework">{framework}</td>
            <td data-label="Risk" class="nowrap">{risk}</td>
            <td data-label="Repository" class="trunc" title=row.repository>
                {repository}
                <span class="sub">{branch}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn live(cell: Option<LiveCell>, now: Now) -> AnyView {
    match cell {
        Some(cell) => view! {
            <a class="ver" href=format!("/deployments/{}", cell.number)>
                {format!("v{}", cell.version)}
            </a>
            <span class="sub">
                <Time at=cell.since now=now/>
            </span>
            {(!cell.lacks.is_empty())
                .then(|| {
                    view! {
                        <span class="sub">
                            <Status tone=Tone::Bad label="No longer complies" icon="shield-alert"/>
                        </span>
                    }
                })}
        }
        .into_any(),
        None => view! { <span class="muted">"Not live"</span> }.into_any(),
    }
}
