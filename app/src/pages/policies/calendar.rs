//! "What is frozen now and next, for whom, why, and until when?"

use domain::tone::Tone;
use domain::view::waiver::{FreezeCalendar, FreezeRow};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::policies::get_calendar;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The freeze calendar.
#[component]
pub(crate) fn CalendarPage() -> impl IntoView {
    load(get_calendar(), |found, viewer| body(found, &viewer))
}

fn body(found: FreezeCalendar, viewer: &Viewer) -> AnyView {
    let sub = view! {
        "In a freeze nothing but a rollback goes to production. Policy " {found.policy.clone()}
        ", the next 90 days."
    };
    let actions = view! { <LinkButton href="/policies" label="The policy"/> };
    let now = viewer.now();
    let more = found.more;
    let (open, next): (Vec<_>, Vec<_>) = found.rows.into_iter().partition(|row| row.now);
    view! {
        <PageHead title="Freeze calendar" sub=sub.into_any() actions=actions.into_any()/>
        <Live on="audit"/>
        <div class="stack">
            {section(open, "Frozen now", "now", "Nothing is frozen now.", now)}
            {section(next, "Next 90 days", "next", "Nothing will be frozen in the next 90 days.", now)}
            {more.then(|| view! { <p class="soft">"There are more; the first 200 are shown."</p> })}
        </div>
    }
    .into_any()
}

fn section(
    rows: Vec<FreezeRow>,
    title: &'static str,
    id: &'static str,
    none: &'static str,
    now: Now,
) -> AnyView {
    let note = counted(length(&rows), "freeze", "freezes");
    if rows.is_empty() {
        return view! { <Section title=title id=id><p>{none}</p></Section> }.into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
    view! {
        <Section title=title id=id note=note>
            <Table
                caption=title
                heads=&["Why", "State", "Begins, UTC", "Ends, UTC", "For whom"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(row: FreezeRow, now: Now) -> AnyView {
    let state = if row.now {
        view! { <Status tone=Tone::Wait label="Frozen" icon="snowflake"/> }.into_any()
    } else {
        view! { <Status tone=Tone::Idle label="To come"/> }.into_any()
    };
    view! {
        <tr>
            <th scope="row" class="wide wrap">{row.reason}</th>
            <td data-label="State">{state}</td>
            <td data-label="Begins, UTC">
                <TimeCell at=row.from now=now/>
            </td>
            <td data-label="Ends, UTC">
                <TimeCell at=row.until now=now/>
            </td>
            <td data-label="For whom">{row.whom}</td>
        </tr>
    }
    .into_any()
}
