//! "Which agents exist, and what runs where?"

use domain::authz::Action;
use domain::form::query::AgentQuery;
use domain::view::agent::{AgentList, ClosestPair};
use domain::view::saved_view::SavedViews;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use super::{columns, filters, similar, table};
use crate::error::UiError;
use crate::format::{address, count, counted};
use crate::pages::then::{agents_then, at_another_time};
use crate::pages::views::{self, Here};
use crate::rpc::agents::{closest_pair, list_agents};
use crate::rpc::people::list_teams;
use crate::rpc::saved_views::views_of_registry;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// What runs although no deployment started it, with who looks after it.
const UNREGISTERED: &str = "/findings?kind=unregistered_runtime";

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
pub(super) struct Found {
    pub(super) list: AgentList,
    closest: Option<ClosestPair>,
    pub(super) teams: Vec<TeamRow>,
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
        table::table(found, query, viewer)
    };
    let paged = !query.cursor.is_empty();
    let here = Here::Registry(query);
    view! {
        <PageHead title="Registry" sub=sub(list, viewer) actions=actions(list, query, viewer)/>
        <Live on="agent deployment"/>
        {views::links(&found.views)}
        <div class="with-facets">
            {filters::facets(query, list, &found.teams)}
            <div class="stack stack--4">
                {filters::form(query)} {filters::narrowed(query)} {found.closest.as_ref().map(similar::hint)} {content}
                {(!list.rows.is_empty()).then(|| columns::choose(query))}
                <Pager next=list.next.clone() here=filters::place(query) paged=paged/>
            </div>
        </div>
        {views::panel(&found.views, &here, chosen)}
        {at_another_time("/agents")}
    }
    .into_any()
}

fn sub(list: &AgentList, viewer: &Viewer) -> AnyView {
    let agents = count(viewer.frame().agents);
    let elsewhere = match list.elsewhere {
        0 => String::new(),
        n => format!(
            " {} in teams that you do not see.",
            counted(n, "more is", "more are")
        ),
    };
    let unregistered = (list.unregistered > 0).then(|| {
        let runs = counted(list.unregistered, "runtime runs", "runtimes run");
        view! {
            " "
            <a href=UNREGISTERED>{runs}</a>
            " that nobody registered."
        }
    });
    view! {
        {format!("{agents} registered, in any environment.{elsewhere}")}
        {unregistered}
        " Look here before you build a new one."
    }
    .into_any()
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
