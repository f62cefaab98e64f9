//! "Who touched this resource, who can, and what do its actions mean?"

use domain::access_event::QUIET_DAYS;
use domain::form::query::AccessQuery;
use domain::tone::Tone;
use domain::view::access_event::AccessLine;
use domain::view::catalogue::{Reacher, ResourceDetail, ResourceRow};
use domain::view::page::Page;
use leptos::prelude::*;

use super::form;
use crate::error::UiError;
use crate::format::{counted, length};
use crate::pages::access;
use crate::rpc::access_events::list_access;
use crate::rpc::resources::get_resource;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// One resource.
#[component]
pub(crate) fn ResourcePage() -> impl IntoView {
    let name = part("resource");
    let query = AccessQuery {
        resource: name.clone(),
        ..access::query()
    };
    load(read(name, query.clone()), move |(found, page), viewer| {
        body(found, page, query, &viewer)
    })
}

async fn read(
    name: String,
    query: AccessQuery,
) -> Result<(ResourceDetail, Page<AccessLine>), UiError> {
    Ok((get_resource(name).await?, list_access(query).await?))
}

fn body(
    found: ResourceDetail,
    page: Page<AccessLine>,
    query: AccessQuery,
    viewer: &Viewer,
) -> AnyView {
    let place = format!("/resources/{}", found.name);
    // The resource is in the path.
    let query = AccessQuery {
        resource: String::new(),
        ..query
    };
    let sub = found.row.as_ref().map(|row| row.description.clone());
    let sub = sub.filter(|text| !text.is_empty());
    let sub = sub.unwrap_or_else(|| "What the scopes of agents name.".to_owned());
    let first = view! {
        <Field name="agent" label="Agent" kind="search" value=query.agent.clone() max=48 plain=true/>
    };
    let filters = access::filters(&place, first.into_any(), &query);
    let log = access::log(page, &query, &place, viewer.now());
    view! {
        <PageHead title=found.name.clone() sub=sub.into_any()/>
        {missing(&found)}
        <div class="cols">
            <div class="stack">
                {found.row.as_ref().map(actions)}
                {reach(&found.reached_by)}
            </div>
            <div class="stack stack--4">{found.row.as_ref().map(facts)}</div>
        </div>
        <Section title="Who touched it" id="touched">
            <div class="stack stack--4">
                {filters}
                {log}
                <p class="hint">
                    {format!("A call that no scope covers opens a finding, which ends after {QUIET_DAYS} days without another.")}
                </p>
            </div>
        </Section>
        <div class="cols">
            <div class="stack stack--4">{form::change(&found)}</div>
        </div>
    }
    .into_any()
}

fn missing(found: &ResourceDetail) -> Option<AnyView> {
    found.row.is_none().then(|| {
        view! {
            <NoticeBar tone=Tone::Wait>
                <p>"It is not in the catalogue, so approvers read nothing about its scopes."</p>
            </NoticeBar>
        }
        .into_any()
    })
}

fn facts(row: &ResourceRow) -> AnyView {
    let owner = row.owner.clone().unwrap_or_else(|| "Nobody yet".to_owned());
    let class = if row.data_class.is_empty() {
        "Not said".to_owned()
    } else {
        row.data_class.clone()
    };
    view! {
        <Panel title="About it" id="about">
            <div class="panel__b">
                <Facts rows=vec![("Owner", owner.into_any()), ("Data", class.into_any())]/>
            </div>
        </Panel>
    }
    .into_any()
}

fn actions(row: &ResourceRow) -> AnyView {
    let note = counted(
        length(&row.actions.keys().collect::<Vec<_>>()),
        "action",
        "actions",
    );
    let content = if row.actions.is_empty() {
        view! { <p class="soft">"None is described yet."</p> }.into_any()
    } else {
        let rows: Vec<_> = row
            .actions
            .iter()
            .map(|(name, said)| {
                view! {
                    <tr>
                        <th scope="row">
                            <code>{format!("{}:{name}", row.name)}</code>
                        </th>
                        <td data-label="Lets an agent" class="wrap">{said.clone()}</td>
                    </tr>
                }
            })
            .collect();
        view! {
            <Table caption="Actions" heads=&["Scope", "What it lets an agent do"] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Actions" id="actions" note=note>
            {content}
        </Section>
    }
    .into_any()
}

/// What can reach it now.
fn reach(all: &[Reacher]) -> AnyView {
    let note = counted(length(all), "identity", "identities");
    let content = if all.is_empty() {
        view! { <p class="soft">"No identity that can act now has a scope of it, as far as you see."</p> }
            .into_any()
    } else {
        let rows: Vec<_> = all.iter().map(reacher).collect();
        view! {
            <Table caption="Identities that can reach it" heads=&["Identity", "Agent", "Scopes"] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Can reach it now" id="reach" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn reacher(one: &Reacher) -> AnyView {
    let scopes: Vec<_> = one
        .scopes
        .iter()
        .map(|scope| view! { <code>{scope.clone()}</code> })
        .collect();
    view! {
        <tr>
            <th scope="row">
                <a class="plain" href=format!("/identities/{}", one.identity)>{one.identity.clone()}</a>
            </th>
            <td data-label="Agent">
                <a class="plain" href=format!("/agents/{}", one.agent)>{one.agent.clone()}</a>
            </td>
            <td data-label="Scopes">
                <span class="scopes">{scopes}</span>
            </td>
        </tr>
    }
    .into_any()
}
