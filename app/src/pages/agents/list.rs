//! "Which agents exist, and what runs where?"

use domain::authz::Action;
use domain::form::query::AgentQuery;
use domain::tone::Tone;
use domain::view::agent::{AgentList, AgentRow, ClosestPair, LiveCell};
use domain::view::saved_view::SavedViews;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use super::{filters, similar};
use crate::error::UiError;
use crate::format::{Now, address, count, counted};
use crate::pages::then::{agents_then, at_another_time};
use crate::pages::views::{self, Here};
use crate::rpc::agents::{closest_pair, list_agents};
use crate::rpc::people::list_teams;
use crate::rpc::saved_views::views_of_registry;
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
    let chosen = asked("view");
    load(read(query.clone()), move |found, viewer| {
        body(&found, &query, &chosen, &viewer)
    })
    .into_any()
}

/// What the page is made of.
struct Found {
    list: AgentList,
    closest: Option<ClosestPair>,
    teams: Vec<TeamRow>,
    views: SavedViews,
}

async fn read(query: AgentQuery) -> Result<Found, UiError> {
    Ok(Found {
        list: list_agents(query).await?,
        closest: closest_pair().await?,
        teams: list_teams().await?,
        views: views_of_registry().await?,
    })
}

fn body(found: &Found, query: &AgentQuery, chosen: &str, viewer: &Viewer) -> AnyView {
    let list = &found.list;
    let content = if list.rows.is_empty() {
        filters::nothing(query, list.narrowest.as_ref())
    } else {
        table(list, query, viewer.now())
    };
    let paged = !query.cursor.is_empty();
    let here = Here::Registry(query);
    view! {
        <PageHead title="Registry" sub=sub(list, viewer).into_any() actions=actions(list, query, viewer)/>
        <Live on="agent deployment"/>
        {views::links(&found.views)}
        <div class="with-facets">
            {filters::facets(query, list, &found.teams)}
            <div class="stack stack--4">
                {filters::form(query)} {filters::narrowed(query)} {found.closest.as_ref().map(similar::hint)} {content}
                <Pager next=list.next.clone() here=filters::place(query) paged=paged/>
            </div>
        </div>
        {views::panel(&found.views, &here, chosen)}
        {at_another_time("/agents")}
    }
    .into_any()
}

fn sub(list: &AgentList, viewer: &Viewer) -> String {
    let agents = count(viewer.frame().agents);
    let elsewhere = match list.elsewhere {
        0 => String::new(),
        n => format!(
            " {} in teams that you do not see.",
            counted(n, "more is", "more are")
        ),
    };
    format!(
        "{agents} registered, in any environment.{elsewhere} Look here before you build a new one."
    )
}

fn actions(list: &AgentList, query: &AgentQuery, viewer: &Viewer) -> AnyView {
    let lines = address("/api/v1/registry/lines", &query.parts());
    let label = format!("Export {}", counted(list.fitting, "row", "rows"));
    let export = (list.fitting > 0).then(|| {
        view! {
            <a class="btn" href=lines rel="external" download="">
                <Icon name="download"/>
                {label}
            </a>
        }
    });
    let onboard = viewer.may_somewhere(Action::Create).then(|| {
        view! { <LinkButton href="/agents/new" label="Onboard agent" kind=Kind::Primary icon="plus"/> }
    });
    view! {
        {export}
        {onboard}
    }
    .into_any()
}

fn table(list: &AgentList, query: &AgentQuery, now: Now) -> AnyView {
    let words = !query.q.trim().is_empty();
    let found = words.then(|| {
        let more = if list.more {
            "The best of the first "
        } else {
            ""
        };
        let fit = counted(list.fitting, "agent", "agents");
        let order = if list.more {
            ". Another word narrows it"
        } else {
            ""
        };
        view! {
            <p class="hint" role="status">
                {format!("{more}{fit}, the best first{order}.")}
            </p>
        }
    });
    let rows: Vec<_> = list.rows.iter().map(|row| line(row.clone(), now)).collect();
    view! {
        {found}
        <Table
            caption="Registered agents"
            heads=&["Agent", "Production", "Non-prod", "Last deployment", "Team", "Framework", "Risk"]
            class="tbl--stack"
        >
            {rows}
        </Table>
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
    let why = row.why.map(|why| {
        view! {
            <span class="sub sub--text">
                {why.field.label()} ": " <mark>{why.text}</mark>
            </span>
        }
    });
    let source = format!("{}, {}", row.repository, row.branch);
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=format!("/agents/{}", row.slug) title=source>
                    {row.slug.clone()}
                </a>
                {ended}
                <span class="sub sub--text">{row.description}</span>
                {why}
            </th>
            <td data-label="Production">{live(row.production, now)}</td>
            <td data-label="Non-prod">{live(row.non_prod, now)}</td>
            <td data-label="Last deployment">{last}</td>
            <td data-label="Team" class="nowrap">{row.team}</td>
            <td data-label="Framework">{framework}</td>
            <td data-label="Risk" class="nowrap">{risk}</td>
        </tr>
    }
    .into_any()
}

fn live(cell: Option<LiveCell>, now: Now) -> AnyView {
    let version = live_version(cell.as_ref());
    let more = cell.map(|cell| {
        let lacks = (!cell.lacks.is_empty()).then(|| {
            view! {
                <span class="sub">
                    <Status tone=Tone::Bad label="No longer complies" icon="shield-alert"/>
                </span>
            }
        });
        view! {
            <span class="sub">
                <Time at=cell.since now=now/>
            </span>
            {lacks}
        }
    });
    view! {
        {version}
        {more}
    }
    .into_any()
}

/// The version that is live, with its deployment.
pub(crate) fn live_version(cell: Option<&LiveCell>) -> AnyView {
    match cell {
        Some(cell) => {
            let (href, version) = (
                format!("/deployments/{}", cell.number),
                format!("v{}", cell.version),
            );
            view! { <a class="ver" href=href>{version}</a> }.into_any()
        }
        None => view! { <span class="muted">"Not live"</span> }.into_any(),
    }
}
