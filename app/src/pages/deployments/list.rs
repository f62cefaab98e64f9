//! "What is on its way, and what became of the rest?"

use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::form::query::DeploymentQuery;
use domain::view::deployment::DeploymentRow;
use domain::view::page::Page;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::format::{Now, address, count, counted, length};
use crate::rpc::deployments::list_deployments;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// All deployments, filtered by the address.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| {
        let map = map.read();
        let word = |name: &str| map.get(name).unwrap_or_default();
        DeploymentQuery {
            agent: word("agent"),
            state: word("state"),
            environment: word("environment"),
            cursor: word("cursor"),
            limit: None,
        }
    });
    let live = use_live();
    let top = Top::new();
    let data = Resource::new(
        move || (query.get(), top.asked.get(), live.version(&["deployment"])),
        |(query, ..)| list_deployments(query),
    );
    load(data, move |page, viewer| {
        body(page, &query.get_untracked(), top, &viewer)
    })
}

/// Where the list begins. States change in place, but what is newer than the first row that was shown waits until it
/// is asked for: rows never move under the pointer.
#[derive(Clone, Copy)]
struct Top {
    asked: RwSignal<u32>,
    first: StoredValue<Option<(DeploymentQuery, i64)>>,
}

impl Top {
    fn new() -> Self {
        Self {
            asked: RwSignal::new(0),
            first: StoredValue::new(None),
        }
    }

    /// Takes the newer rows out and counts them.
    fn hold_back(self, rows: &mut Vec<DeploymentRow>, query: &DeploymentQuery) -> u64 {
        let newest = rows.iter().map(|row| row.number).max().unwrap_or(0);
        let first = match self.first.get_value() {
            Some((seen, number)) if seen == *query => number,
            Some(_) | None => {
                self.first.set_value(Some((query.clone(), newest)));
                newest
            }
        };
        let before = length(rows);
        rows.retain(|row| row.number <= first);
        before - length(rows)
    }

    fn note(self, newer: u64) -> AnyView {
        let show = move |_| {
            self.first.set_value(None);
            self.asked.update(|n| *n += 1);
        };
        let note = (newer > 0).then(|| {
            view! {
                <p class="newer">
                    <Icon name="radio" small=true/>
                    {counted(newer, "newer deployment.", "newer deployments.")}
                    <button class="btn btn--sm" type="button" on:click=show>
                        "Show them"
                    </button>
                </p>
            }
        });
        view! { <div class="news" role="status">{note}</div> }.into_any()
    }
}

fn filtered(query: &DeploymentQuery) -> bool {
    !(query.agent.is_empty() && query.state.is_empty() && query.environment.is_empty())
}

fn body(
    mut page: Page<DeploymentRow>,
    query: &DeploymentQuery,
    top: Top,
    viewer: &Viewer,
) -> AnyView {
    let newer = top.hold_back(&mut page.rows, query);
    let sub = format!(
        "{} in progress. One deployment brings one version to one environment, or removes what it made.",
        count(viewer.frame().deployments_in_progress)
    );
    let here = address(
        "/deployments",
        &[
            ("agent", &query.agent),
            ("state", &query.state),
            ("environment", &query.environment),
        ],
    );
    let now = viewer.now();
    let content = if page.rows.is_empty() {
        nothing(filtered(query))
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
        {top.note(newer)}
        {content}
        <Pager next=page.next here=here paged=!query.cursor.is_empty()/>
    }
    .into_any()
}

#[component]
fn Filters(query: DeploymentQuery) -> impl IntoView {
    let clear = filtered(&query);
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
    view! {
        <form class="filters" method="get" action="/deployments" aria-label="Filters">
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <Select name="environment" label="Environment" options=environments value=query.environment plain=true/>
            <Select name="state" label="State" options=states value=query.state plain=true/>
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
        <tr>
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
