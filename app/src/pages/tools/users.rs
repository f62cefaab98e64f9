//! "Who uses this tool?"

use domain::registry::UseKind;
use domain::view::agent::{ToolUser, UsedBy};
use leptos::prelude::*;

use super::place;
use crate::pages::agents::live_version;
use crate::rpc::agents::tool_users;
use crate::ui::prelude::*;

/// A tool or MCP server with its agents.
#[component]
pub(crate) fn ToolPage() -> impl IntoView {
    let cursor = asked("cursor");
    let paged = !cursor.is_empty();
    load(
        tool_users(part("kind"), part("tool"), cursor),
        move |used, _| body(used, paged),
    )
}

fn body(used: UsedBy, paged: bool) -> AnyView {
    let here = place(used.kind, &used.name);
    let sub = format!(
        "{}: what agents say of it in their manifests.",
        used.kind.label()
    );
    let tool = used.kind == UseKind::Tool;
    let rows: Vec<_> = used.rows.into_iter().map(|user| line(user, tool)).collect();
    let heads: &[&str] = if tool {
        &[
            "Agent",
            "Team",
            "Says of it",
            "Scopes",
            "Production",
            "Non-prod",
        ]
    } else {
        &["Agent", "Team", "Production", "Non-prod"]
    };
    view! {
        <PageHead title=used.name sub=sub.into_any()/>
        <Live on="agent deployment"/>
        <Table caption="Agents that use it" heads=heads class="tbl--stack">
            {rows}
        </Table>
        <Pager next=used.next here=here paged=paged/>
    }
    .into_any()
}

fn line(user: ToolUser, tool: bool) -> AnyView {
    let row = user.row;
    let said = tool.then(|| {
        let scopes: Vec<_> = user
            .scopes
            .into_iter()
            .map(|scope| view! { <code>{scope}</code> " " })
            .collect();
        view! {
            <td data-label="Says of it" class="wrap">{user.description}</td>
            <td data-label="Scopes" class="wrap">{scopes}</td>
        }
    });
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=format!("/agents/{}", row.slug)>{row.slug.clone()}</a>
                <span class="sub sub--text">{row.description}</span>
            </th>
            <td data-label="Team">{row.team}</td>
            {said}
            <td data-label="Production">{live_version(row.production.as_ref())}</td>
            <td data-label="Non-prod">{live_version(row.non_prod.as_ref())}</td>
        </tr>
    }
    .into_any()
}
