//! Every package, newest first.

use domain::view::package::{PackageRow, Packages};
use leptos::prelude::*;

use super::{about, by, period, size};
use crate::format::{Now, counted};
use crate::rpc::packages::list_packages;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The list.
#[component]
pub(crate) fn PackagesPage() -> impl IntoView {
    let cursor = asked("cursor");
    load(list_packages(cursor.clone()), move |found, viewer| {
        body(found, !cursor.is_empty(), &viewer)
    })
}

fn body(found: Packages, paged: bool, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "What an auditor gets: report, tables, a sample with proofs and the whole audit log, signed. Each is built in the background and kept until somebody removes it.";
    let actions = view! {
        <LinkButton href="/compliance/schedules" label="Schedules" icon="clock"/>
        <LinkButton href="/compliance" label="Frameworks" icon="folder-check"/>
    }
    .into_any();
    let rows = if found.rows.is_empty() {
        view! {
            <Empty icon="package" title="No evidence package yet">
                <p class="soft">"Choose a framework under Compliance, with period and agent, and build its package there; or let a schedule do it each month or quarter."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = found.rows.iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Evidence packages, newest first"
                heads=&["Package", "State", "#Events", "Digest", "Ordered, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Evidence packages" sub=sub.into_any() actions=actions/>
        <Live on="package"/>
        <Section title="Packages" id="packages" note="Newest first">
            {rows}
            <Pager next=found.next here="/compliance/packages" paged=paged/>
        </Section>
    }
    .into_any()
}

fn line(row: &PackageRow, now: Now) -> AnyView {
    let href = format!("/compliance/packages/{}", row.number);
    let title = format!(
        "Package {}: {}",
        row.number,
        about(row.framework, row.agent.as_ref())
    );
    let said = row.step.clone().or_else(|| row.problem.clone());
    let said = said.map(|text| view! { <span class="sub">{text}</span> });
    let events = row.events.map_or("–".to_owned(), |count| count.to_string());
    let digest = match row.digest.clone() {
        Some(digest) => view! { <Hash value=digest kind=HashKind::Digest/> }.into_any(),
        None => "–".into_any(),
    };
    let held = match (row.files, row.bytes) {
        (Some(files), Some(bytes)) => {
            format!("{}, {}", counted(files, "file", "files"), size(bytes))
        }
        (None, _) | (_, None) => String::new(),
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                <a href=href>{title}</a>
                <span class="sub">{period(&row.from, &row.to)}</span>
            </th>
            <td data-label="State">
                <Status tone=row.state.tone() label=row.state.label()/>
                {said}
            </td>
            <td data-label="Events" class="num">{events}</td>
            <td data-label="Digest">
                {digest}
                <span class="sub">{held}</span>
            </td>
            <td data-label="Ordered, UTC">
                <TimeCell at=row.ordered_at.clone() now=now/>
                <span class="sub">{format!("by {}", by(row))}</span>
            </td>
        </tr>
    }
    .into_any()
}
