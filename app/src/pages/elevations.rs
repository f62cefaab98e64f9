//! "Who may act in production for now, and who holds rights that nobody uses?"

mod request;
mod unused;

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::elevation::ElevationState;
use domain::view::elevation::{ElevationRow, Elevations};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::elevations::{DecideElevation, EndElevation, list_elevations};
use crate::session::Viewer;
use crate::ui::prelude::*;

const REASON: &[(&str, &str)] = &[("reason", "Reason")];

/// All of it.
#[component]
pub(crate) fn ElevationsPage() -> impl IntoView {
    let cursor = asked("cursor");
    load(list_elevations(cursor.clone()), move |found, viewer| {
        body(found, !cursor.is_empty(), &viewer)
    })
}

fn body(found: Elevations, paged: bool, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "A role in one team for some hours. Somebody else gives it, it ends by the clock, and API tokens never gain by it.";
    let form = request::form(&found);
    let unused = found.unused.map(|rows| unused::section(rows, now));
    view! {
        <PageHead title="Elevations" sub=sub.into_any()/>
        <Live on="audit"/>
        <FormError error={refused::<DecideElevation>()} fields=REASON form="reject"/>
        <FormError error={refused::<EndElevation>()}/>
        <div class="stack">
            {open(found.open, now)}
            {form}
            {unused}
            {past(found.past, found.next, paged, now)}
        </div>
    }
    .into_any()
}

fn open(rows: Vec<ElevationRow>, now: Now) -> AnyView {
    let note = counted(length(&rows), "open", "open");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="key-round" title="Nobody holds a role for a time">
                <p class="soft">"And nobody waits for an answer. Ask for one below when you need it."</p>
            </Empty>
        }
        .into_any()
    } else {
        let reject = reject(&rows);
        let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Requests and roles held now, soonest to end first"
                heads=&["Person", "State", "Until, UTC", "Given by", ""]
                class="tbl--stack tbl--top"
            >
                {rows}
            </Table>
            {reject}
        }
        .into_any()
    };
    view! {
        <Section title="Held now, or asked for" id="open" note=note>
            {content}
        </Section>
    }
    .into_any()
}

/// One step for all requests that the person looking may answer.
fn reject(rows: &[ElevationRow]) -> AnyView {
    let options: Vec<_> = rows
        .iter()
        .filter(|row| row.can_decide)
        .map(|row| {
            (
                row.number.to_string(),
                format!("{}: {}", row.person, what(row)),
            )
        })
        .collect();
    if options.is_empty() {
        return ().into_any();
    }
    let error = refused::<DecideElevation>();
    let of_form = error.field("reason").is_some();
    view! {
        <Danger label="Reject a request…" open=of_form>
            <Post to={url::<DecideElevation>()}>
                <Hidden name="verdict" value="reject"/>
                <Select name="number" label="Request" form="reject" options=options required=true/>
                <TextArea
                    name="reason"
                    label="Reason"
                    form="reject"
                    error={error.only_if(of_form)}
                    hint=format!("Whoever asked reads it. At least {REASON_MIN} characters.")
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <Submit label="Reject request" busy_label="Rejecting…" kind=Kind::DangerSolid/>
            </Post>
        </Danger>
    }
    .into_any()
}

/// "Operator in payments, 2 hours".
fn what(row: &ElevationRow) -> String {
    let hours = counted(u64::from(row.hours), "hour", "hours");
    format!("{} in {}, {hours}", row.role.label(), row.team)
}

fn line(row: ElevationRow, now: Now) -> AnyView {
    let acts = acts(&row);
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {row.person.clone()}
                <span class="sub">{what(&row)}</span>
                <span class="sub wrap">{format!("“{}”", row.reason)}</span>
            </th>
            <td data-label="State">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Until, UTC">
                <TimeCell at=row.until.clone() now=now/>
            </td>
            <td data-label="Given by">{row.decided_by.clone().unwrap_or_else(|| "–".to_owned())}</td>
            <td class="wide">{acts}</td>
        </tr>
    }
    .into_any()
}

/// What the person looking can do with it, or why they cannot.
fn acts(row: &ElevationRow) -> AnyView {
    let end = row.can_end.then(|| end(row));
    if row.can_decide {
        let number = row.number.to_string();
        let label = format!("Give the role to {}", row.person);
        return view! {
            <Post to={url::<DecideElevation>()}>
                <Hidden name="number" value=number/>
                <Hidden name="verdict" value="approve"/>
                <Submit label=label busy_label="Giving…"/>
            </Post>
        }
        .into_any();
    }
    match (row.state, row.yours, end) {
        (ElevationState::Requested, true, end) => view! {
            <p class="soft">"You asked for this yourself: an administrator or an approver of the team answers."</p>
            {end}
        }
        .into_any(),
        (_, _, Some(end)) => end,
        (ElevationState::Requested, false, None) => {
            view! { <p class="soft">"An administrator or an approver of the team answers."</p> }
                .into_any()
        }
        (_, _, None) => ().into_any(),
    }
}

fn end(row: &ElevationRow) -> AnyView {
    let role = row.role.label().to_lowercase();
    let label = match row.state {
        ElevationState::Requested => format!("Take the request for {role} back"),
        ElevationState::Active
        | ElevationState::Rejected
        | ElevationState::Withdrawn
        | ElevationState::Expired
        | ElevationState::Ended => format!("End {role} of {}", row.person),
    };
    let number = row.number.to_string();
    view! {
        <Post to={url::<EndElevation>()}>
            <Hidden name="number" value=number/>
            <Submit label=label busy_label="Ending…"/>
        </Post>
    }
    .into_any()
}

fn past(rows: Vec<ElevationRow>, next: Option<String>, paged: bool, now: Now) -> AnyView {
    let content = if rows.is_empty() {
        view! { <p class="soft">"Nothing is over yet."</p> }.into_any()
    } else {
        let rows: Vec<_> = rows.into_iter().map(|row| over(row, now)).collect();
        view! {
            <Table
                caption="What is over, newest first"
                heads=&["Person", "Outcome", "Asked, UTC", "Answered by", "Over since, UTC"]
                class="tbl--stack tbl--top"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Over" id="past" note="Newest first">
            {content}
            <Pager next=next here="/elevations" paged=paged/>
        </Section>
    }
    .into_any()
}

fn over(row: ElevationRow, now: Now) -> AnyView {
    let at = row.ended_at.clone().unwrap_or_else(|| row.until.clone());
    let why = row
        .decision_reason
        .as_ref()
        .map(|reason| view! { <span class="sub wrap">{format!("“{reason}”")}</span> });
    let by = row
        .ended_by
        .as_ref()
        .map(|name| view! { <span class="sub">{format!("by {name}")}</span> });
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {row.person.clone()}
                <span class="sub">{what(&row)}</span>
                <span class="sub wrap">{format!("“{}”", row.reason)}</span>
            </th>
            <td class="first">
                <Status tone=row.state.tone() label=row.state.label()/>
                {by}
            </td>
            <td data-label="Asked, UTC">
                <TimeCell at=row.requested_at.clone() now=now/>
            </td>
            <td data-label="Answered by" class="wrap">
                {row.decided_by.clone().unwrap_or_else(|| "–".to_owned())}
                {why}
            </td>
            <td data-label="Over since, UTC">
                <TimeCell at=at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
