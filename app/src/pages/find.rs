//! "This id is in another log. Whose is it, and who allowed it?"

use domain::find::{FoundKind, ID_MAX};
use domain::view::find::{Found, FoundDeployment, FoundThing};
use leptos::prelude::*;

use crate::format::address;
use crate::rpc::find::find_by_id;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("id", "Id")];

/// What an id names.
#[component]
pub(crate) fn FindPage() -> impl IntoView {
    let id = asked("id");
    load(find_by_id(id.clone()), move |found, _| {
        let (error, content) = match found {
            Ok(found) => (None, content(&found)),
            Err(wrong) => (Some(wrong), ().into_any()),
        };
        let error = FormProblem::new(error);
        view! {
            <PageHead
                title="Find an id"
                sub="From an id in another log to the agent, its version, and the approval that it acts under.".into_any()
            />
            <FormError error=error fields=FIELDS form="find"/>
            {search(&id, error)}
            {content}
        }
        .into_any()
    })
}

/// The field for an id, here and on the audit trail.
pub(super) fn search(id: &str, error: FormProblem) -> AnyView {
    let id = id.to_owned();
    view! {
        <form class="filters" method="get" action="/find" role="search" aria-label="Find an id">
            <Field
                name="id"
                label="Id from another log"
                form="find"
                error=error
                kind="search"
                value=id
                max=ID_MAX
                autocomplete="off"
                plain=true
            />
            <button class="btn" type="submit">
                <Icon name="search"/>
                "Find"
            </button>
        </form>
    }
    .into_any()
}

fn content(found: &Found) -> AnyView {
    if found.id.is_empty() {
        return kinds(found);
    }
    if found.things.is_empty() {
        let title = format!("Nothing that you may see is called {}", found.id);
        return view! {
            <Empty icon="search" title=title>
                <p class="soft">"Only whole ids are found. These are known:"</p>
            </Empty>
            {kinds(found)}
        }
        .into_any();
    }
    let things: Vec<_> = found
        .things
        .iter()
        .map(|one| thing(&found.id, one))
        .collect();
    view! {
        <Section title="What it is" id="things">
            <Table caption="What it is" heads=&["Kind", "Here", "Agent", "State"] class="tbl--stack">
                {things}
            </Table>
        </Section>
        {deployments(found)}
    }
    .into_any()
}

/// Which ids can be looked for, and how they are written.
fn kinds(found: &Found) -> AnyView {
    let rows: Vec<_> = found
        .kinds
        .iter()
        .map(|one| (one.kind.label(), one.written.clone().into_any()))
        .collect();
    view! {
        <Section title="Ids that are known" id="kinds">
            <Facts rows=rows/>
        </Section>
    }
    .into_any()
}

fn thing(id: &str, one: &FoundThing) -> AnyView {
    let href = match one.kind {
        FoundKind::Object => Some(address("/audit", &[("object", id)])),
        FoundKind::Agent
        | FoundKind::Deployment
        | FoundKind::Identity
        | FoundKind::Workload
        | FoundKind::Runtime
        | FoundKind::Commit
        | FoundKind::Bundle
        | FoundKind::Image
        | FoundKind::Manifest
        | FoundKind::Token
        | FoundKind::Session => one.page.clone(),
    };
    let name = one.name.clone();
    let here = match href {
        Some(href) => view! { <a class="plain wrap" href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let agent = match one.agent.clone() {
        Some(slug) => {
            let href = format!("/agents/{slug}");
            view! { <a class="plain" href=href>{slug}</a> }.into_any()
        }
        None => view! { <span class="muted">"None"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{one.kind.label()}</th>
            <td data-label="Here" class="wrap">{here}</td>
            <td data-label="Agent">{agent}</td>
            <td data-label="State">{one.state.clone()}</td>
        </tr>
    }
    .into_any()
}

fn deployments(found: &Found) -> AnyView {
    if found.deployments.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = found.deployments.iter().map(deployment).collect();
    let more = found
        .more
        .then(|| view! { <p class="hint">"Only the newest ones are shown. The agent's page has all of them."</p> });
    view! {
        <Section title="Deployments and their approvals" id="deployments">
            <Table
                caption="Deployments, newest first"
                heads=&["#Deployment", "Agent", "Version", "Environment", "State", "Identity", "Under approval"]
                class="tbl--stack"
            >
                {rows}
            </Table>
            {more}
        </Section>
    }
    .into_any()
}

fn deployment(row: &FoundDeployment) -> AnyView {
    let number = row.number;
    let identity = match row.identity.clone() {
        Some(client) => {
            let href = format!("/identities/{client}");
            view! { <a class="plain wrap" href=href>{client}</a> }.into_any()
        }
        None => view! { <span class="muted">"None"</span> }.into_any(),
    };
    let approval = match &row.approval {
        Some(approval) => {
            let href = format!("/approvals/{}", approval.number);
            let text = format!("#{}", approval.number);
            view! {
                <a class="plain" href=href>{text}</a>
                " "
                <Status tone=approval.state.tone() label=approval.state.label()/>
            }
            .into_any()
        }
        None => view! { <span class="muted">"None needed"</span> }.into_any(),
    };
    let agent = row.agent.clone();
    view! {
        <tr>
            <th scope="row" class="num">
                <a class="plain" href=format!("/deployments/{number}")>{format!("#{number}")}</a>
            </th>
            <td data-label="Agent">
                <a class="plain" href=format!("/agents/{agent}")>{agent.clone()}</a>
            </td>
            <td data-label="Version">
                {format!("v{} ", row.version)}
                <Hash value=row.commit.clone() kind=HashKind::Commit/>
            </td>
            <td data-label="Environment">{row.environment.label()}</td>
            <td data-label="State">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Identity">{identity}</td>
            <td data-label="Under approval">{approval}</td>
        </tr>
    }
    .into_any()
}
