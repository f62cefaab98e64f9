//! "Which tools do agents have?"

use domain::form::query::UseQuery;
use domain::registry::UseKind;
use domain::view::agent::UsedThing;
use domain::view::page::Page;
use leptos::prelude::*;

use super::place;
use crate::format::{address, counted};
use crate::rpc::agents::list_tools;
use crate::ui::prelude::*;

/// Tools, or MCP servers, by name.
#[component]
pub(crate) fn ToolsPage() -> impl IntoView {
    let query = UseQuery {
        kind: asked("kind"),
        q: asked("q"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_tools(query.clone()), move |page, _| body(page, &query))
}

fn body(page: Page<UsedThing>, query: &UseQuery) -> AnyView {
    let kind = query.kind.parse().unwrap_or(UseKind::Tool);
    let tabs: Vec<_> = [(UseKind::Tool, "Tools"), (UseKind::Server, "MCP servers")]
        .into_iter()
        .map(|(one, label)| {
            let href = address("/tools", &[("kind", one.as_str())]);
            let current = (one == kind).then_some("page");
            view! { <a href=href aria-current=current>{label}</a> }
        })
        .collect();
    let here = address("/tools", &[("kind", kind.as_str()), ("q", &query.q)]);
    let (q, paged) = (query.q.clone(), !query.cursor.is_empty());
    let sub = "What agents use, by the manifest of what is live of each; of its newest version where nothing is.";
    let content = if page.rows.is_empty() {
        nothing(kind, &query.q)
    } else {
        let rows: Vec<_> = page.rows.iter().map(line).collect();
        let caption = if kind == UseKind::Tool {
            "Tools, by name"
        } else {
            "MCP servers, by name"
        };
        view! {
            <Table caption=caption heads=&["Name", "Used by"] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Tools and MCP servers" sub=sub.into_any()/>
        <Live on="agent deployment"/>
        <nav class="tabs" aria-label="Kinds">{tabs}</nav>
        <form class="filters" method="get" action="/tools" aria-label="Filters">
            <input type="hidden" name="kind" value=kind.as_str()/>
            <Field name="q" label="Name begins with" kind="search" value=q max=200 plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
        </form>
        {content}
        <Pager next=page.next here=here paged=paged/>
    }
    .into_any()
}

fn line(row: &UsedThing) -> AnyView {
    let href = place(row.kind, &row.name);
    let agents = counted(row.agents, "agent", "agents");
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=href.clone()>
                    <code>{row.name.clone()}</code>
                </a>
            </th>
            <td data-label="Used by">
                <a href=href>{agents}</a>
            </td>
        </tr>
    }
    .into_any()
}

fn nothing(kind: UseKind, q: &str) -> AnyView {
    let what = if kind == UseKind::Tool {
        "tool"
    } else {
        "MCP server"
    };
    let title = if q.is_empty() {
        format!("No agent names a {what}").replace("a MCP", "an MCP")
    } else {
        format!("No {what} begins so")
    };
    view! {
        <Empty icon="search" title=title>
            <p class="soft">
                "Tools and MCP servers stand under " <code>"config"</code> " in " <code>"clearance.yaml"</code> ". "
                <a href="/help/agent-manifest">"The agent manifest"</a>
            </p>
        </Empty>
    }
    .into_any()
}
