//! "What is on its way, and what became of the rest?"

use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::form::query::{DeploymentQuery, Mark};
use domain::gate::Gate;
use domain::view::deployment::DeploymentRow;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{Now, address, count};
use crate::islands::Newer;
use crate::rpc::deployments::list_deployments;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// All deployments, filtered by the address.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let query = DeploymentQuery {
        agent: asked("agent"),
        state: asked("state"),
        environment: asked("environment"),
        mark: asked("mark"),
        passed: asked("passed"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_deployments(query.clone()), move |page, viewer| {
        body(page, &query, &viewer)
    })
}

fn body(page: Page<DeploymentRow>, query: &DeploymentQuery, viewer: &Viewer) -> AnyView {
    let sub = format!(
        "{} in progress. One deployment brings one version to one environment, or removes what it made.",
        count(viewer.frame().deployments_in_progress)
    );
    let here = address("/deployments", &query.filters());
    let now = viewer.now();
    let content = if page.rows.is_empty() {
        nothing(!query.filters().is_empty())
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Deployments, newest first"
                heads=&["Deployment", "State", "Environment", "Started by", "Commit", "Team", "Started, UTC", "Changed, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Deployments" sub=sub.into_any()/>
        <Filters query=query.clone()/>
        <Live on="deployment"/>
        <Newer one="newer deployment".to_owned() many="newer deployments".to_owned()/>
        {content}
        <Pager next=page.next here=here paged=!query.cursor.is_empty()/>
    }
    .into_any()
}

#[component]
fn Filters(query: DeploymentQuery) -> impl IntoView {
    let clear = !query.filters().is_empty();
    let mut states = vec![
        (String::new(), "All states".to_owned()),
        ("in_progress".to_owned(), "In progress".to_owned()),
    ];
    states.extend(
        DeploymentState::ALL
            .iter()
            .map(|state| (state.as_str().to_owned(), state.label().to_owned())),
    );
    let mut environments = vec![(String::new(), "All environments".to_owned())];
    environments.extend(
        Environment::ALL
            .iter()
            .map(|place| (place.as_str().to_owned(), place.label().to_owned())),
    );
    let mut marks = vec![(String::new(), "Whatever is known".to_owned())];
    marks.extend(
        Mark::ALL
            .iter()
            .map(|mark| (mark.as_str().to_owned(), mark.label().to_owned())),
    );
    let mut gates = vec![(String::new(), "Any gate or none".to_owned())];
    gates.extend(
        Gate::ALL
            .iter()
            .map(|gate| (gate.as_str().to_owned(), gate.label().to_owned())),
    );
    view! {
        <form class="filters" method="get" action="/deployments" aria-label="Filters">
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <Select name="environment" label="Environment" options=environments value=query.environment plain=true/>
            <Select name="state" label="State" options=states value=query.state plain=true/>
            <Select name="mark" label="Live, and" options=marks value=query.mark plain=true/>
            <Select name="passed" label="Gate passed" options=gates value=query.passed plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear.then(|| view! { <a href="/deployments">"Clear filters"</a> })}
        </form>
    }
}

fn nothing(filtered: bool) -> AnyView {
    if filtered {
        view! {
            <Empty icon="search" title="No deployment matches these filters">
                <p class="soft">"The agent must be written in full, as in the registry."</p>
                <LinkButton href="/deployments" label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="git-pull-request-arrow" title="No deployment yet">
                <p class="soft">"The next push to the branch of a registered agent starts one."</p>
                <LinkButton href="/agents" label="Open the registry"/>
            </Empty>
        }
        .into_any()
    }
}

fn line(row: DeploymentRow, now: Now) -> AnyView {
    view! {
        <tr id=format!("d{}", row.number) data-row=row.number.to_string()>
            <th scope="row">
                <a class="plain" href=format!("/deployments/{}", row.number)>
                    {format!("#{} {}", row.number, row.agent)}
                </a>
                <span class="sub">{format!("v{}", row.version)}</span>
            </th>
            <td class="first">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Environment">{row.environment.label()}</td>
            <td data-label="Started by">
                {row.kind.label()}
                <span class="sub">{row.requested_by}</span>
            </td>
            <td data-label="Commit">
                <Hash value=row.commit kind=HashKind::Commit/>
            </td>
            <td data-label="Team">{row.team}</td>
            <td data-label="Started, UTC">
                <TimeCell at=row.requested_at now=now/>
            </td>
            <td data-label="Changed, UTC">
                <TimeCell at=row.updated_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
