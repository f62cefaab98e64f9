//! All waivers, newest first.

use domain::view::page::Page;
use domain::view::waiver::WaiverRow;
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::waivers::list_waivers;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The list.
#[component]
pub(crate) fn WaiversPage() -> impl IntoView {
    let cursor = asked("cursor");
    let paged = !cursor.is_empty();
    load(list_waivers(cursor), move |found, viewer| {
        body(found, paged, &viewer)
    })
}

fn body(found: Page<WaiverRow>, paged: bool, viewer: &Viewer) -> AnyView {
    let sub = "A person accepts one finding, for one agent and environment, until a day. When it ends, what leans on it no longer complies.";
    let now = viewer.now();
    let content = if found.rows.is_empty() {
        view! {
            <Empty icon="shield-alert" title="No finding is waived">
                <p class="soft">
                    "A waiver is given on the evaluation of a deployment, beside the finding, by the people whom the policy lets waive."
                </p>
                <LinkButton href="/policies" label="Who may waive"/>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = found.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Waivers, newest first"
                heads=&["Waiver", "State", "Finding", "Agent", "Ends, UTC", "Given by"]
                class="tbl--top tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Waivers" sub=sub.into_any()/>
        <Live on="audit"/>
        {content}
        <Pager next=found.next here="/waivers" paged=paged/>
    }
    .into_any()
}

fn line(row: WaiverRow, now: Now) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/waivers/{}", row.number)>
                    {domain::waiver::name(row.number)}
                </a>
            </th>
            <td data-label="State">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Finding" class="wide wrap">
                <code>{row.finding}</code>
                <span class="sub">{format!("{}, {}", row.gate.label(), row.location)}</span>
            </td>
            <td data-label="Agent">
                <a href=format!("/agents/{}", row.agent)>{row.agent.clone()}</a>
                <span class="sub">{row.environment.label()}</span>
            </td>
            <td data-label="Ends, UTC">
                <TimeCell at=row.ends_at now=now/>
            </td>
            <td data-label="Given by">{row.given_by}</td>
        </tr>
    }
    .into_any()
}
