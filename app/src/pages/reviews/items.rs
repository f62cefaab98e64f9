//! The items of a review, each with its two buttons.

use domain::approval::REASON_MAX;
use domain::tone::Tone;
use domain::view::review::{ReviewDetail, ReviewItem};
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::reviews::DecideReviewItem;
use crate::ui::prelude::*;

/// A row for each.
pub(super) fn table(found: &ReviewDetail, now: Now) -> AnyView {
    let number = found.row.number;
    let rows: Vec<_> = found
        .items
        .iter()
        .map(|item| line(item, number, found.can_decide, now))
        .collect();
    view! {
        <Table
            caption="What is reviewed"
            heads=&["Access", "Given, UTC", "Last used, UTC", "Decision"]
            class="tbl--stack tbl--top"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn line(item: &ReviewItem, number: i64, may: bool, now: Now) -> AnyView {
    let whose = item.person.clone().or_else(|| item.agent.clone());
    let whose = whose.unwrap_or_else(|| "Nobody".to_owned());
    let place = match &item.team {
        Some(team) => format!("{}: {} in {team}", item.kind.label(), item.what),
        None => format!("{}: {}", item.kind.label(), item.what),
    };
    let given = item.given_by.clone();
    let by = given.unwrap_or_else(|| "not known".to_owned());
    let since = match item.since.clone() {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => "–".into_any(),
    };
    let decision = decision(item, &whose, number, may, now);
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {whose}
                <span class="sub wrap">{place}</span>
            </th>
            <td data-label="Given, UTC">
                {since}
                <span class="sub">{format!("by {by}")}</span>
            </td>
            <td data-label="Last used, UTC">{last_used(item, now)}</td>
            <td data-label="Decision" class="wide">{decision}</td>
        </tr>
    }
    .into_any()
}

fn last_used(item: &ReviewItem, now: Now) -> AnyView {
    let mark = item
        .unused
        .then(|| view! { <Status tone=Tone::Wait label="Not used"/> });
    let at = match item.last_used.clone() {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => view! { <span class="soft">"No use recorded"</span> }.into_any(),
    };
    view! {
        {at}
        {mark}
    }
    .into_any()
}

fn decision(item: &ReviewItem, whose: &str, number: i64, may: bool, now: Now) -> AnyView {
    if let Some(verdict) = item.verdict {
        let by = item.decided_by.clone().unwrap_or_default();
        let at = item.decided_at.clone().unwrap_or_default();
        let reason = item
            .reason
            .clone()
            .map(|reason| view! { <span class="sub wrap">{format!("“{reason}”")}</span> });
        return view! {
            <Status tone=verdict.tone() label=verdict.label()/>
            <span class="sub">
                {format!("by {by}, ")}
                <Time at=at now=now/>
            </span>
            {reason}
        }
        .into_any();
    }
    match (may, item.own) {
        (false, _) => view! { <span class="soft">"Not decided"</span> }.into_any(),
        (true, true) => {
            view! { <span class="soft">"Your own: another administrator decides"</span> }.into_any()
        }
        (true, false) => form(item, whose, number),
    }
}

/// Both buttons send the same form; what they are called says of what.
fn form(item: &ReviewItem, whose: &str, number: i64) -> AnyView {
    let label = format!(
        "Reason, {} of {whose}, item {}",
        item.kind.label(),
        item.item
    );
    let keep = format!("Keep item {}", item.item);
    let remove = format!("Remove item {}", item.item);
    let hint = format!("Removing {}.", item.kind.removal());
    let (number, place) = (number.to_string(), item.item.to_string());
    view! {
        <Post to={url::<DecideReviewItem>()}>
            <Hidden name="number" value=number/>
            <Hidden name="item" value=place/>
            <input
                class="input"
                type="text"
                name="form[reason]"
                aria-label=label
                placeholder="Reason"
                maxlength=REASON_MAX.to_string()
                autocomplete="off"
            />
            <span class="hint">{hint}</span>
            <div class="bar">
                <Submit label=keep busy_label="Keeping…" name="form[choice]" value="keep"/>
                <Submit label=remove busy_label="Removing…" name="form[choice]" value="remove"/>
            </div>
        </Post>
    }
    .into_any()
}
