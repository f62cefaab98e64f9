//! "What misbehaves, and who is on it?"

use domain::approval::REASON_MIN;
use domain::authz::Action;
use domain::environment::Environment;
use domain::form::query::IncidentQuery;
use domain::incident::{IncidentState, TITLE_MAX, quoted};
use domain::view::incident::IncidentRow;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{Now, address};
use crate::rpc::incidents::{OpenIncident, list_incidents};
use crate::session::Viewer;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("agent", "Agent"),
    ("environment", "Environment"),
    ("title", "What is wrong"),
];

/// Incidents, filtered by the address.
#[component]
pub(crate) fn IncidentsPage() -> impl IntoView {
    let query = IncidentQuery {
        state: asked("state"),
        agent: asked("agent"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_incidents(query.clone()), move |page, viewer| {
        body(page, query, &viewer)
    })
}

fn body(page: Page<IncidentRow>, query: IncidentQuery, viewer: &Viewer) -> AnyView {
    let parts = [("state", query.state.as_str()), ("agent", &query.agent)];
    let here = address("/incidents", &parts);
    let (now, paged) = (viewer.now(), !query.cursor.is_empty());
    let filtered = !(query.state.is_empty() && query.agent.is_empty());
    let content = if page.rows.is_empty() {
        nothing(filtered)
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Incidents, newest first"
                heads=&["Incident", "State", "Agent", "Where", "Began with", "Owner", "Opened, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let open = viewer
        .may_somewhere(Action::Deploy)
        .then(|| open(query.agent.clone()));
    let sub = "What misbehaved, what was done about it, and what was learnt.";
    view! {
        <PageHead title="Incidents" sub=sub.into_any()/>
        <Filters query=query/>
        <Live on="audit"/>
        <div class="stack">
            {content}
            <Pager next=page.next here=here paged=paged/>
            {open}
        </div>
    }
    .into_any()
}

#[component]
fn Filters(query: IncidentQuery) -> impl IntoView {
    let clear = !(query.state.is_empty() && query.agent.is_empty());
    let mut states = vec![(String::new(), "All states".to_owned())];
    states.extend(
        IncidentState::ALL
            .iter()
            .map(|s| (s.as_str().to_owned(), s.label().to_owned())),
    );
    view! {
        <form class="filters" method="get" action="/incidents" aria-label="Filters">
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <Select name="state" label="State" options=states value=query.state plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear.then(|| view! { <a href="/incidents">"Clear filters"</a> })}
        </form>
    }
}

fn nothing(filtered: bool) -> AnyView {
    if filtered {
        view! {
            <Empty icon="search" title="No incident matches these filters">
                <p class="soft">"The agent must be written in full, as in the registry."</p>
                <LinkButton href="/incidents" label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="circle-check" title="No incident yet">
                <p class="soft">
                    "Clearance opens one when the health of a live version fails. A person can open one at any time."
                </p>
            </Empty>
        }
        .into_any()
    }
}

fn line(row: IncidentRow, now: Now) -> AnyView {
    let agent = row.agent;
    let deployment = row.deployment.map(|number| {
        view! { <span class="sub"><a href=format!("/deployments/{number}")>{format!("#{number}")}</a></span> }
    });
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=format!("/incidents/{}", quoted(row.number))>
                    {quoted(row.number)}
                </a>
                <span class="sub">{row.title}</span>
            </th>
            <td class="first">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Agent">
                <a class="plain" href=format!("/agents/{agent}")>{agent.clone()}</a>
                <span class="sub">{row.team}</span>
            </td>
            <td data-label="Where">{row.environment.label()} {deployment}</td>
            <td data-label="Began with">
                {row.cause.label()}
                <span class="sub">{row.opened_by}</span>
            </td>
            <td data-label="Owner">{row.owner.unwrap_or_else(|| "Nobody yet".to_owned())}</td>
            <td data-label="Opened, UTC">
                <TimeCell at=row.opened_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}

fn open(agent: String) -> AnyView {
    let error = refused::<OpenIncident>();
    let shown = error.is_some() || !agent.is_empty();
    let environments = [Environment::Production, Environment::NonProd]
        .map(|place| (place.as_str().to_owned(), place.label().to_owned()))
        .to_vec();
    view! {
        <Danger label="Open an incident…" open=shown>
            <p>"Nothing is stopped by it. From the incident an operator can put the agent into quarantine or roll it back."</p>
            <FormError error=error fields=FIELDS form="open"/>
            <Post to={url::<OpenIncident>()}>
                <div class="form">
                    <Field name="agent" label="Agent" form="open" error=error value=agent required=true max=48 hint="As in the registry."/>
                    <Select name="environment" label="Environment" form="open" options=environments error=error required=true/>
                    <Field name="title" label="What is wrong" form="open" error=error required=true min=REASON_MIN max=TITLE_MAX/>
                    <Submit label="Open incident" busy_label="Opening…" kind=Kind::DangerSolid icon="siren"/>
                </div>
            </Post>
        </Danger>
    }
    .into_any()
}
