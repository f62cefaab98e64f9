//! "What is not as it should be, and whose is it?"

use domain::finding::{FindingKind, FindingState, quoted};
use domain::form::query::FindingQuery;
use domain::view::finding::FindingRow;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{Now, address};
use crate::rpc::findings::list_findings;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// Findings, filtered by the address; those that are open unless asked otherwise.
#[component]
pub(crate) fn FindingsPage() -> impl IntoView {
    let query = FindingQuery {
        state: asked("state"),
        kind: asked("kind"),
        agent: asked("agent"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_findings(query.clone()), move |page, viewer| {
        body(page, query, &viewer)
    })
}

fn filtered(query: &FindingQuery) -> bool {
    !(query.agent.is_empty() && query.state.is_empty() && query.kind.is_empty())
}

fn body(page: Page<FindingRow>, query: FindingQuery, viewer: &Viewer) -> AnyView {
    let here = address(
        "/findings",
        &[
            ("state", &query.state),
            ("kind", &query.kind),
            ("agent", &query.agent),
        ],
    );
    let (now, paged) = (viewer.now(), !query.cursor.is_empty());
    let content = if page.rows.is_empty() {
        nothing(filtered(&query))
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Findings, newest first"
                heads=&["Finding", "State", "About", "Agent", "Owner", "First seen, UTC", "Last seen, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let sub =
        "What is not as it should be. A finding ends by itself when what it tells of is over.";
    view! {
        <PageHead title="Findings" sub=sub.into_any()/>
        <Filters query=query/>
        <Live on="audit"/>
        {content}
        <Pager next=page.next here=here paged=paged/>
    }
    .into_any()
}

#[component]
fn Filters(query: FindingQuery) -> impl IntoView {
    let clear = filtered(&query);
    let mut states = vec![
        (String::new(), "Open".to_owned()),
        ("any".to_owned(), "All states".to_owned()),
    ];
    let ended = [FindingState::Ignored, FindingState::Resolved];
    states.extend(ended.map(|s| (s.as_str().to_owned(), s.label().to_owned())));
    let mut kinds = vec![
        (String::new(), "All kinds".to_owned()),
        ("drift".to_owned(), "Differs from approval".to_owned()),
    ];
    kinds.extend(
        FindingKind::ALL
            .iter()
            .map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())),
    );
    view! {
        <form class="filters" method="get" action="/findings" aria-label="Filters">
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <Select name="kind" label="Kind" options=kinds value=query.kind plain=true/>
            <Select name="state" label="State" options=states value=query.state plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear.then(|| view! { <a href="/findings">"Clear filters"</a> })}
        </form>
    }
}

fn nothing(filtered: bool) -> AnyView {
    if filtered {
        view! {
            <Empty icon="search" title="No finding matches these filters">
                <p class="soft">"The agent must be written in full, as in the registry."</p>
                <LinkButton href="/findings" label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="circle-check" title="No open finding">
                <p class="soft">"What runs is compared with what was approved all the time."</p>
                <LinkButton href="/findings?state=any" label="Show those that ended"/>
            </Empty>
        }
        .into_any()
    }
}

fn line(row: FindingRow, now: Now) -> AnyView {
    let agent = match row.agent {
        Some(slug) => {
            view! { <a class="plain" href=format!("/agents/{slug}")>{slug.clone()}</a> }.into_any()
        }
        None => "–".into_any(),
    };
    let until = row.ignored_until.map(|at| {
        view! { <span class="sub">"until " <Time at=at now=now/></span> }
    });
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=format!("/findings/{}", row.number)>
                    {format!("{} {}", quoted(row.number), row.kind.label())}
                </a>
                <span class="sub">{row.what}</span>
            </th>
            <td class="first">
                {super::detail::state(row.kind, row.state, false)}
                {until}
            </td>
            <td data-label="About">
                {row.subject_kind.label()}
                <span class="sub">{row.subject}</span>
            </td>
            <td data-label="Agent">{agent}</td>
            <td data-label="Owner">
                {row.owner.unwrap_or_else(|| "Nobody yet".to_owned())}
                <span class="sub">{row.team}</span>
            </td>
            <td data-label="First seen, UTC">
                <TimeCell at=row.first_seen now=now/>
            </td>
            <td data-label="Last seen, UTC">
                <TimeCell at=row.last_seen now=now/>
            </td>
        </tr>
    }
    .into_any()
}
