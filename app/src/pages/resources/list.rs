//! "What can agents ask for, and whose is it?"

use domain::authz::Action;
use domain::form::query::ResourceQuery;
use domain::view::catalogue::{ResourcePage, ResourceRow};
use leptos::prelude::*;

use super::form;
use crate::format::{Now, address, counted, length};
use crate::rpc::resources::list_resources;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The catalogue.
#[component]
pub(crate) fn ResourcesPage() -> impl IntoView {
    let query = ResourceQuery {
        owner: asked("owner"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_resources(query.clone()), move |page, viewer| {
        body(page, query, &viewer)
    })
}

fn body(page: ResourcePage, query: ResourceQuery, viewer: &Viewer) -> AnyView {
    let (now, paged) = (viewer.now(), !query.cursor.is_empty());
    let here = address("/resources", &[("owner", &query.owner)]);
    let add = viewer
        .may(Action::Administer, None)
        .then(form::add)
        .unwrap_or_else(|| {
            view! { <p class="hint">"Adding a resource needs the administrator role."</p> }
                .into_any()
        });
    let sub = "What the scopes of agents name. The catalogue explains what is asked for; only an approval gives it.";
    view! {
        <PageHead title="Resources" sub=sub.into_any()/>
        <Live on="audit"/>
        <div class="cols">
            <div class="stack">
                {table(page.rows, &query, now)}
                <Pager next=page.next here=here paged=paged/>
                {uncatalogued(page.uncatalogued)}
            </div>
            <div class="stack stack--4">{add}</div>
        </div>
    }
    .into_any()
}

fn table(rows: Vec<ResourceRow>, query: &ResourceQuery, now: Now) -> AnyView {
    if rows.is_empty() {
        let title = if query.owner.is_empty() {
            "The catalogue is empty"
        } else {
            "This team looks after no resource"
        };
        return view! {
            <Empty icon="lock" title=title>
                <p class="soft">
                    "Describe what the scopes of agents name, so that an approver reads what an agent would be let do."
                </p>
            </Empty>
        }
        .into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
    view! {
        <Table
            caption="Resources, by name"
            heads=&["Resource", "Owner", "Data", "Actions", "Changed, UTC"]
            class="tbl--stack"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn line(row: ResourceRow, now: Now) -> AnyView {
    let owner = match row.owner {
        Some(team) => {
            view! { <a class="plain" href=address("/resources", &[("owner", &team)])>{team.clone()}</a> }
                .into_any()
        }
        None => view! { <span class="muted">"Nobody yet"</span> }.into_any(),
    };
    let class = if row.data_class.is_empty() {
        view! { <span class="muted">"Not said"</span> }.into_any()
    } else {
        view! { <span class="tag">{row.data_class}</span> }.into_any()
    };
    let actions: Vec<&str> = row.actions.keys().map(String::as_str).collect();
    let number = counted(length(&actions), "action", "actions");
    let first = actions
        .iter()
        .take(4)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=format!("/resources/{}", row.name)>{row.name.clone()}</a>
                <span class="sub">{row.description}</span>
            </th>
            <td data-label="Owner">{owner}</td>
            <td data-label="Data">{class}</td>
            <td data-label="Actions" class="wrap">
                {number}
                <span class="sub">{first}</span>
            </td>
            <td data-label="Changed, UTC">
                <TimeCell at=row.updated_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}

/// What agents have scopes of and nobody described.
fn uncatalogued(names: Vec<String>) -> Option<AnyView> {
    if names.is_empty() {
        return None;
    }
    let note = counted(length(&names), "resource", "resources");
    let items: Vec<_> = names
        .into_iter()
        .map(|name| {
            view! {
                <li>
                    <a href=format!("/resources/{name}")>{name.clone()}</a>
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <Section title="Not in the catalogue" id="uncatalogued" note=note>
                <p class="soft">"Identities that can act now have scopes of these."</p>
                <ul>{items}</ul>
            </Section>
        }
        .into_any(),
    )
}
