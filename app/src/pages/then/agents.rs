//! "Which agents were there, and what ran where?"

use domain::environment::Environment;
use domain::form::query::AgentQuery;
use domain::tone::Tone;
use domain::view::history::{AgentRowThen, AgentsThen};
use leptos::prelude::*;

use super::moment;
use crate::format::{Now, address};
use crate::rpc::history::list_agents_then;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The registry at a moment.
pub(crate) fn agents_then(as_of: String, query: AgentQuery) -> AnyView {
    let paged = !query.cursor.is_empty();
    let narrowed = query.is_narrowed();
    let read = list_agents_then(as_of.clone(), query);
    load(read, move |found, viewer| {
        body(found, &as_of, (paged, narrowed), &viewer)
    })
    .into_any()
}

fn body(
    found: AgentsThen,
    as_of: &str,
    (paged, narrowed): (bool, bool),
    viewer: &Viewer,
) -> AnyView {
    let now = viewer.now();
    let here = address("/agents", &[("as_of", as_of)]);
    let bar = moment(&found.moment, "/agents", now);
    let content = if found.rows.is_empty() {
        view! {
            <Empty icon="history" title="No agent was registered then">
                <p class="soft">"Choose a later moment."</p>
                <LinkButton href="/agents" label="Show now"/>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = found.rows.iter().map(|row| line(row, as_of, now)).collect();
        view! {
            <Table
                caption="Agents that were registered"
                heads=&["Agent", "Production", "Non-prod"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let narrowed = narrowed.then(|| {
        view! {
            <NoticeBar tone=Tone::Wait>
                <p>
                    "Filters are for what is now. Of a moment in the past every agent that you may see is shown."
                </p>
            </NoticeBar>
        }
    });
    view! {
        <PageHead title="Registry as it was"/>
        {bar}
        {narrowed}
        {content}
        <Pager next=found.next here=here paged=paged/>
    }
    .into_any()
}

fn line(row: &AgentRowThen, as_of: &str, now: Now) -> AnyView {
    let href = address(&format!("/agents/{}", row.slug), &[("as_of", as_of)]);
    let cell = |environment: Environment| {
        let live = row.live.iter().find(|one| one.environment == environment);
        live.map_or_else(
            || view! { <span class="muted">"Nothing live"</span> }.into_any(),
            |one| {
                let (place, since) = (
                    format!("/deployments/{}", one.deployment),
                    one.since.clone(),
                );
                let label = format!("#{} v{}", one.deployment, one.version);
                view! {
                    <a class="plain" href=place>{label}</a>
                    <span class="sub">"since " <Time at=since now=now/></span>
                }
                .into_any()
            },
        )
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=href>{row.slug.clone()}</a>
            </th>
            <td data-label="Production">{cell(Environment::Production)}</td>
            <td data-label="Non-prod">{cell(Environment::NonProd)}</td>
        </tr>
    }
    .into_any()
}
