//! "Which git hosts may tell us about pushes, and what did they say?"

mod deliveries;
mod form;
mod issues;

use domain::authz::Action;
use domain::view::connection::{ConnectionRow, DeliveryRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::{Now, counted, length};
use crate::rpc::connections::{list_connections, list_deliveries};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// Connections, their deliveries, and the form for another.
#[component]
pub(crate) fn ConnectionsPage() -> impl IntoView {
    let cursor = asked("cursor");
    let data = read(cursor.clone());
    load(data, move |(rows, deliveries), viewer| {
        body(rows, deliveries, &cursor, &viewer)
    })
}

async fn read(cursor: String) -> Result<(Vec<ConnectionRow>, Page<DeliveryRow>), UiError> {
    Ok((list_connections().await?, list_deliveries(cursor).await?))
}

fn body(
    rows: Vec<ConnectionRow>,
    deliveries: Page<DeliveryRow>,
    cursor: &str,
    viewer: &Viewer,
) -> AnyView {
    let now = viewer.now();
    let form = if viewer.may(Action::Administer, None) {
        form::panel()
    } else {
        view! { <p class="hint">"Connecting a git host needs the administrator role."</p> }
            .into_any()
    };
    let sub = "Git hosts whose signed webhooks start deployments. A secret is seen once, when it is made.";
    view! {
        <PageHead title="Connections" sub=sub.into_any()/>
        <Live on="audit deployment"/>
        {form::made()}
        <div class="cols">
            <div class="stack">
                {table(rows, now, viewer.may(Action::Administer, None))}
                {deliveries::section(deliveries, cursor, now)}
            </div>
            <div class="stack stack--4">{form}</div>
        </div>
    }
    .into_any()
}

fn table(rows: Vec<ConnectionRow>, now: Now, administers: bool) -> AnyView {
    let note = counted(length(&rows), "connection", "connections");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="webhook" title="No git host is connected">
                <p class="soft">
                    "Make a connection, then give its address and its secret to the webhook settings of the repository."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| line(row, now, administers))
            .collect();
        view! {
            <Table
                caption="Connections"
                heads=&["Name", "Webhook path on this server", "Secret kept at", "Failures as issues", "Last delivery, UTC", "Made, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Git hosts" id="hosts" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn line(row: ConnectionRow, now: Now, administers: bool) -> AnyView {
    let issues = issues::cell(&row, administers);
    let secret = if row.secret_reference.is_empty() {
        view! { <span class="muted">"Not shown to you"</span> }.into_any()
    } else {
        view! { <code class="wrap">{row.secret_reference}</code> }.into_any()
    };
    let last = match row.last_delivery_at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => view! { <span class="muted">"None yet"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                {row.name}
                <span class="sub">{format!("{}, {}", row.kind.label(), row.slug)}</span>
            </th>
            <td data-label="Webhook path" class="wide">
                <Hash value=row.webhook_path full=true/>
            </td>
            <td data-label="Secret kept at" class="wide">
                {secret}
            </td>
            <td data-label="Failures as issues">{issues}</td>
            <td data-label="Last delivery, UTC">{last}</td>
            <td data-label="Made, UTC">
                <TimeCell at=row.created_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
