//! Who decides while an approver is away.

use domain::approval::REASON_MAX;
use domain::form::group::STAND_IN_DAYS;
use domain::view::group::StandInRow;
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::groups::{EndStandIn, NameStandIn};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("email", "Stand-in's e-mail"),
    ("from", "From"),
    ("until", "Until"),
    ("reason", "Reason"),
];

/// What runs and is to come, and for approvers the form.
pub(super) fn panel(rows: Vec<StandInRow>, approves: bool, now: Now) -> AnyView {
    if rows.is_empty() && !approves {
        return ().into_any();
    }
    let items: Vec<_> = rows.into_iter().map(|row| one(row, now)).collect();
    let list = (!items.is_empty()).then(|| view! { <ul class="rows rows--tight">{items}</ul> });
    let form = approves.then(form);
    let ended = refused::<EndStandIn>();
    view! {
        <Panel title="While away" id="away">
            {list}
            <div class="panel__b stack stack--3">
                <FormError error=ended form="end"/>
                {form}
            </div>
        </Panel>
    }
    .into_any()
}

fn one(row: StandInRow, now: Now) -> AnyView {
    let words = format!("{} for {}", row.stand_in, row.absent);
    let (from, until) = (row.from, row.until);
    let when = if row.running {
        view! { "Until " <Time at=until now=now ago=true/> }.into_any()
    } else {
        view! { "From " <Time at=from now=now/> " until " <Time at=until now=now/> }.into_any()
    };
    let end = row.can_end.then(|| {
        view! {
            <span class="r">
                <Post to={url::<EndStandIn>()}>
                    <Hidden name="id" value=row.id/>
                    <Submit label="End now" busy_label="Ending…" kind=Kind::Quiet/>
                </Post>
            </span>
        }
    });
    view! {
        <li>
            <b>{words}</b>
            {end}
            <span class="sub wrap">{when} {row.reason.map(|reason| format!(". {reason}"))}</span>
        </li>
    }
    .into_any()
}

fn form() -> AnyView {
    let error = refused::<NameStandIn>();
    view! {
        <p class="soft">
            "A stand-in decides in your name, in your teams and groups, for that time only. What you had a part in they cannot decide either, and both of you together are one voice."
        </p>
        <FormError error=error fields=FIELDS form="away"/>
        <Post to={url::<NameStandIn>()}>
            <div class="form">
                <Field name="email" label="Stand-in's e-mail" form="away" error=error kind="email" required=true max=200 autocomplete="off"/>
                <div class="form--2">
                    <Field name="from" label="From, UTC" form="away" error=error kind="datetime-local" hint="Empty for now."/>
                    <Field name="until" label="Until, UTC" form="away" error=error kind="datetime-local" hint=format!("{STAND_IN_DAYS} days at most.") required=true/>
                </div>
                <Field name="reason" label="Reason" form="away" error=error hint="Not required." max=REASON_MAX autocomplete="off"/>
                <div class="bar">
                    <Submit label="Name a stand-in" busy_label="Naming…"/>
                </div>
            </div>
        </Post>
    }
    .into_any()
}
