//! "Which agents exist, and what runs where?"

use domain::authz::Action;
use domain::form::query::AgentQuery;
use domain::tone::Tone;
use domain::view::agent::{AgentRow, LiveCell};
use domain::view::page::Page;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::{Now, address, count};
use crate::pages::then::{agents_then, at_another_time};
use crate::rpc::agents::list_agents;
use crate::rpc::people::list_teams;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The registry, filtered by its address.
#[component]
pub(crate) fn AgentsPage() -> impl IntoView {
    let as_of = asked("as_of");
    let query = AgentQuery {
        q: asked("q"),
        team: asked("team"),
        cursor: asked("cursor"),
        limit: None,
    };
    if !as_of.is_empty() {
        return agents_then(as_of, query);
    }
    load(read(query.clone()), move |(page, teams), viewer| {
        body(page, teams, &query, &viewer)
    })
    .into_any()
}

async fn read(query: AgentQuery) -> Result<(Page<AgentRow>, Vec<TeamRow>), UiError> {
    Ok((list_agents(query).await?, list_teams().await?))
}

fn body(page: Page<AgentRow>, teams: Vec<TeamRow>, query: &AgentQuery, viewer: &Viewer) -> AnyView {
    let sub = format!(
        "{} registered, in any environment. Look here before you build a new one.",
        count(viewer.frame().agents)
    );
    let actions = viewer.may_somewhere(Action::Create).then(|| {
        view! { <LinkButton href="/agents/new" label="Onboard agent" kind=Kind::Primary icon="plus"/> }.into_any()
    });
    let here = address("/agents", &[("q", &query.q), ("team", &query.team)]);
    let filtered = !(query.q.is_empty() && query.team.is_empty());
    let now = viewer.now();
    let content = if page.rows.is_empty() {
        nothing(filtered)
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
        <Filters query=query.clone() teams=teams/>
        {content}
        <Pager next=page.next here=here paged=!query.cursor.is_empty()/>
        {at_another_time("/agents")}
    }
    .into_any()
}

#[component]
fn Filters(query: AgentQuery, teams: Vec<TeamRow>) -> impl IntoView {
    let clear = !(query.q.is_empty() && query.team.is_empty());
    let mut options = vec![(String::new(), "All teams".to_owned())];
    options.extend(teams.into_iter().map(|team| (team.slug, team.name)));
    view! {
        <form class="filters" method="get" action="/agents" aria-label="Filters">
            <Field name="q" label="Name or purpose" kind="search" value=query.q max=200 plain=true/>
            <Select name="team" label="Team" options=options value=query.team plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear.then(|| view! { <a href="/agents">"Clear filters"</a> })}
        </form>
    }
}

fn nothing(filtered: bool) -> AnyView {
    if filtered {
        view! {
            <Empty icon="search" title="No agent matches these filters">
                <p class="soft">"Try a shorter part of the name, or another team."</p>
                <LinkButton href="/agents" label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="git-branch" title="No agent is registered yet">
                <p class="soft">
                    "An agent is a repository, a branch and a folder with clearance.yaml. Nothing runs until the first push after it is registered."
                </p>
                <LinkButton href="/agents/new" label="Onboard the first agent" icon="plus"/>
            </Empty>
        }
        .into_any()
    }
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
