//! What came in: every webhook call, with what became of it.

use domain::view::connection::DeliveryRow;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{Now, word};
use crate::ui::prelude::*;

/// One page of deliveries, newest first.
pub(super) fn section(page: Page<DeliveryRow>, cursor: &str, now: Now) -> AnyView {
    let paged = !cursor.is_empty();
    let content = if page.rows.is_empty() {
        view! {
            <Empty icon="inbox" title="No delivery yet">
                <p class="soft">
                    "Every webhook call appears here, also one that was ignored, with the reason. Refused calls are in the "
                    <a href="/audit?action=delivery_refused">"audit trail"</a> "."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Deliveries, newest first"
                heads=&["Delivery", "State", "Note", "Event", "Connection", "Received, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Deliveries" id="deliveries" note="Newest first">
            {content}
            <Pager next=page.next here="/connections" paged=paged/>
        </Section>
    }
    .into_any()
}

fn line(row: DeliveryRow, now: Now) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                <Hash value=row.key kind=HashKind::Id/>
            </th>
            <td class="first">
                <Status tone=row.state.tone() label=word(row.state.as_str())/>
            </td>
            <td data-label="Note" class="wide">{row.note}</td>
            <td data-label="Event">{row.event}</td>
            <td data-label="Connection">{row.connection}</td>
            <td data-label="Received, UTC">
                <TimeCell at=row.received_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
